import type { Session } from "../access/sessions.ts";
import { type Html, html, nothing } from "../html.ts";
import { layout } from "./layout.ts";

/** Says why something could not be shown or done, and what to do about it. */
export const problemPage = (
  session: Session | undefined,
  { title, text, next }: { title: string; text: string; next?: string | undefined },
): Html =>
  layout({
    title,
    session,
    body: html`<section class="card problem">
      <h1>${title}</h1>
      <p class="text">${text}</p>
      ${next ? html`<p class="faint">Next: <code>${next}</code></p>` : nothing}
      <p><a href="/">What runs now</a></p>
    </section>`,
  });
