import { type Html, html, nothing } from "../html.ts";
import { layout } from "./layout.ts";

/** Where somebody says who they are. */
export const loginPage = ({ to, name = "", refused }: { to: string; name?: string; refused?: string }): Html =>
  layout({
    title: "Log in",
    body: html`<section class="card login">
      <h1>Log in</h1>
      ${refused ? html`<p class="notice bad" role="alert">${refused}.</p>` : nothing}
      <form method="post" action="/login">
        <input type="hidden" name="to" value="${to}" />
        <label for="name">Name</label>
        <input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" required autofocus />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button class="primary" type="submit">Log in</button>
      </form>
    </section>`,
  });
