import type { Session } from "../access/sessions.ts";
import { assetPath } from "../assets.ts";
import { type Html, html, nothing } from "../html.ts";

/** What is around each page. */
export interface Frame {
  title: string;
  /** Absent before somebody has logged in. */
  session?: Session | undefined;
  /** The path of what the page hears of, as long as it is open; absent where nothing on it changes. */
  events?: string;
  body: Html;
}

const head = (title: string): Html => html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <title>${title} · Slipway</title>
    <link rel="icon" href="${assetPath("icon.svg")}" type="image/svg+xml" />
    <link rel="stylesheet" href="${assetPath("dashboard.css")}" />
    <script src="${assetPath("dashboard.js")}" defer></script>
  </head>`;

const account = ({ user, token }: Session): Html => html`<form class="account" method="post" action="/logout">
    <input type="hidden" name="token" value="${token}" />
    <span class="who">${user.name} <span class="faint">may ${user.role}</span></span>
    <button class="quiet" type="submit">Log out</button>
  </form>`;

const bar = (session: Session | undefined, live: boolean): Html => html`<header class="bar">
    <a class="brand" href="/"><img src="${assetPath("icon.svg")}" alt="" width="20" height="20" />Slipway</a>
    ${live ? html`<span id="connection" class="connection" role="status" data-state="connecting">connecting</span>` : nothing}
    ${session ? account(session) : nothing}
  </header>`;

/** A whole page. */
export const layout = ({ title, session, events, body }: Frame): Html => html`<!doctype html>
<html lang="en">
  ${head(title)}
  <body data-events="${events ?? ""}">
    <a class="skip" href="#main">Skip to content</a>
    ${bar(session, events !== undefined)}
    <main id="main" tabindex="-1">${body}</main>
  </body>
</html>
`;
