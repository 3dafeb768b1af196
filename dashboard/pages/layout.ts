import type { Session } from "../access/sessions.ts";
import { assetPath } from "../assets.ts";
import { type Html, html, nothing } from "../html.ts";

/** The pages that every page leads to. */
const places = [
  ["/", "Now"],
  ["/history", "History"],
] as const;

/** What is around each page. */
export interface Frame {
  title: string;
  /** Absent before somebody has logged in. */
  session?: Session | undefined;
  /** The path of what the page hears of, as long as it is open; absent where nothing on it changes. */
  events?: string;
  /** Which of the pages that the bar names it is. */
  here?: (typeof places)[number][0];
  /** The path of the page that comes next by itself. */
  goesOn?: string;
  body: Html;
}

const head = ({ title, goesOn }: Frame): Html => html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <title>${title} · Slipway</title>
    ${goesOn ? html`<meta http-equiv="refresh" content="0;url=${goesOn}" />` : nothing}
    <link rel="icon" href="${assetPath("icon.svg")}" type="image/svg+xml" />
    <link rel="stylesheet" href="${assetPath("dashboard.css")}" />
    <script src="${assetPath("dashboard.js")}" defer></script>
  </head>`;

const account = ({ user, token }: Session): Html => html`<form class="account" method="post" action="/logout">
    <input type="hidden" name="token" value="${token}" />
    <span class="who">${user.name} <span class="faint">may ${user.role}</span></span>
    <button class="quiet" type="submit">Log out</button>
  </form>`;

const ways = (here: Frame["here"]): Html =>
  html`<nav class="ways" aria-label="Pages">${places.map(([path, name]) =>
    path === here ? html`<a href="${path}" aria-current="page">${name}</a>` : html`<a href="${path}">${name}</a>`,
  )}</nav>`;

const bar = ({ session, events, here }: Frame): Html => html`<header class="bar">
    <a class="brand" href="/"><img src="${assetPath("icon.svg")}" alt="" width="20" height="20" />Slipway</a>
    ${session ? ways(here) : nothing}
    ${events === undefined ? nothing : html`<span id="connection" class="connection" role="status" data-state="connecting">connecting</span>`}
    ${session ? account(session) : nothing}
  </header>`;

/** A whole page. */
export const layout = (frame: Frame): Html => html`<!doctype html>
<html lang="en">
  ${head(frame)}
  <body data-events="${frame.events ?? ""}">
    <a class="skip" href="#main">Skip to content</a>
    ${bar(frame)}
    <main id="main" tabindex="-1">${frame.body}</main>
  </body>
</html>
`;
