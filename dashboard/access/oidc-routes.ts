import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";

import type { App } from "../app.ts";
import { loginPage, returnedPage } from "../pages/login.ts";
import type { OidcProvider } from "./oidc.ts";
import { returnPath } from "./oidc-settings.ts";
import type { Account } from "./users.ts";

export interface OidcRoutes {
  provider: OidcProvider;
  secure: boolean;
  /** A path of this site, whatever somebody put there. */
  ownPath: (to: string) => string;
  /** Notes how a login ended, and lets somebody in. */
  enter: (context: Context, account: Account) => void;
  refuse: (context: Context, reason: string) => void;
}

/** Logging in at an OpenID Connect provider: going there, and coming back. */
export function addOidc(app: App, { provider, secure, ownPath, enter, refuse }: OidcRoutes): void {
  const options = { path: "/login/provider", httpOnly: true, sameSite: "Lax", secure, maxAge: 600 } as const;

  app.get("/login/provider", async (context) => {
    const to = ownPath(context.req.query("to") ?? "/");
    const begun = await provider.begin(to).catch(() => undefined);
    if (!begun) {
      const refused = `${provider.name} does not answer`;
      return context.html(loginPage({ to, provider: provider.name, refused }), 503);
    }
    setCookie(context, "login", begun.id, options);
    return context.redirect(begun.address, 303);
  });

  app.get(returnPath, async (context) => {
    const returned = await provider.finish(getCookie(context, "login"), new URL(context.req.url).search);
    setCookie(context, "login", "", { ...options, maxAge: 0 });
    if ("refused" in returned) {
      refuse(context, returned.refused);
      return context.html(loginPage({ to: "/", provider: provider.name, refused: returned.refused }), 401);
    }
    enter(context, returned.account);
    return context.html(returnedPage(returned.account.name, returned.to));
  });
}
