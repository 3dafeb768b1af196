import { type Html, html, nothing } from "../html.ts";
import { layout } from "./layout.ts";

/** What the login shows. */
interface LoginView {
  /** Where they want to go. */
  to: string;
  name?: string;
  refused?: string;
  /** Where else they can log in. */
  provider?: string | undefined;
}

const elsewhere = ({ provider, to }: LoginView): Html =>
  provider
    ? html`<p class="elsewhere"><a class="button" href="/login/provider?to=${encodeURIComponent(to)}">Log in with ${provider}</a></p>`
    : nothing;

/**
 * After a login elsewhere: a page that leads on, since a browser that another site sent here shows its cookie to the next page of this
 * one alone.
 */
export const returnedPage = (name: string, to: string): Html =>
  layout({
    title: "Logged in",
    goesOn: to,
    body: html`<section class="card login"><h1>Logged in</h1><p>As ${name}. <a href="${to}">Go on</a></p></section>`,
  });

/** Where somebody says who they are. */
export const loginPage = (view: LoginView): Html => {
  const { to, name = "", refused } = view;
  return layout({
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
      ${elsewhere(view)}
    </section>`,
  });
};
