import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { addressOf, Door } from "./access/login.ts";
import type { OidcProvider } from "./access/oidc.ts";
import { addOidc } from "./access/oidc-routes.ts";
import { isToken, lifetime, type Session, Sessions } from "./access/sessions.ts";
import { may, type Role, type User } from "./access/users.ts";
import { asset } from "./assets.ts";
import type { Audit, Deed } from "./audit.ts";
import { loginPage } from "./pages/login.ts";
import { problemPage } from "./pages/problem.ts";
import { problemOf } from "./problem.ts";

/** What every request is answered with. */
export interface Variables {
  session: Session;
  /** What a form says; its token has been looked at. */
  form: Record<string, string>;
  /** Notes what somebody did, with who it was and from where. */
  note: (deed: Omit<Deed, "who" | "from">) => void;
}

export type App = Hono<{ Variables: Variables }>;

export interface AppOptions {
  /** Who may log in now. */
  users: () => Promise<User[]>;
  /** Where people may log in who are not listed. */
  provider?: OidcProvider | undefined;
  /** Whether browsers reach it by TLS, its own or a proxy's. */
  secure: boolean;
  /** Whether a proxy says whom it asks for. */
  proxied: boolean;
  audit: Audit;
}

const kilobyte = 1024;

const headers = (secure: boolean): MiddlewareHandler =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
    strictTransportSecurity: secure ? "max-age=31536000" : false,
  });

/** Pages hold what only who is logged in may see. */
const unstored: MiddlewareHandler = async (context, next) => {
  await next();
  if (!context.res.headers.has("cache-control")) context.res.headers.set("cache-control", "no-store");
};

/** A form counts only if it comes from these pages, by the browser's own word. */
const ownForms = csrf({
  origin: (origin, context) => URL.canParse(origin) && new URL(origin).host === context.req.header("host"),
});

/** A path of this site, whatever somebody put there; the first page otherwise. */
const ownPath = (to: string): string => (/^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : "/");

const fields = (body: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === "string"));

/** Lets through who may do that much. */
export const needs =
  (role: Role): MiddlewareHandler<{ Variables: Variables }> =>
  async (context, next) => {
    const session = context.get("session");
    if (may(session.user, role)) return next();
    const text = `${session.user.name} may ${session.user.role}, and this needs somebody who may ${role}.`;
    return context.html(problemPage(session, { title: "Not allowed", text }), 403);
  };

/** Serves what needs no login: the files of the pages, and the login itself. */
function addEntrance(app: App, { users, provider, secure, proxied, audit }: AppOptions, sessions: Sessions): void {
  const door = new Door(users);
  const prefix = secure ? ({ prefix: "host" } as const) : {};
  const options = {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure,
    maxAge: lifetime / 1_000,
    ...prefix,
  } as const;
  const enter = (context: Context, { id, user }: Session): void => {
    setCookie(context, "session", id, options);
    audit({ who: user.name, from: addressOf(context, proxied), did: "log in", outcome: "done" });
  };
  app.get("/assets/:version/:name", (context) => {
    const found = asset(context.req.param("name"));
    if (!found) return context.notFound();
    const cache = "public, max-age=31536000, immutable";
    return context.body(found.body, 200, { "content-type": found.type, "cache-control": cache });
  });
  app.get("/login", (context) =>
    context.html(loginPage({ to: ownPath(context.req.query("to") ?? "/"), provider: provider?.name })),
  );
  app.post("/login", async (context) => {
    const { name = "", password = "", to = "/" } = fields(await context.req.parseBody());
    const from = addressOf(context, proxied);
    const login = await door.enter(name, password, from);
    if ("refused" in login) {
      audit({ who: name.slice(0, 64), from, did: "log in", outcome: "refused", reason: login.refused });
      const { refused, seconds } = login;
      if (seconds) context.header("retry-after", String(seconds));
      const text = seconds ? `${refused}; try again in ${Math.ceil(seconds / 60)} min` : refused;
      return context.html(
        loginPage({ to: ownPath(to), name, refused: text, provider: provider?.name }),
        seconds ? 429 : 401,
      );
    }
    enter(context, sessions.begin(login.user));
    return context.redirect(ownPath(to), 303);
  });
  if (!provider) return;
  addOidc(app, {
    provider,
    secure,
    ownPath,
    enter: (context, account) => enter(context, sessions.beginFor(account)),
    refuse: (context, reason) => {
      const from = addressOf(context, proxied);
      audit({ who: "unknown", from, did: "log in", outcome: "refused", reason });
    },
  });
}

/** From here on somebody is logged in, and what they do is theirs. */
function addGuard(app: App, { users, secure, proxied, audit }: AppOptions, sessions: Sessions): void {
  app.use("*", async (context, next) => {
    const id = secure ? getCookie(context, "session", "host") : getCookie(context, "session");
    const session = id === undefined ? undefined : sessions.find(id, await users());
    if (!session) {
      const { pathname, search } = new URL(context.req.url);
      const isPage = context.req.method === "GET" && context.req.header("sec-fetch-dest") !== "empty";
      return isPage
        ? context.redirect(`/login?to=${encodeURIComponent(pathname + search)}`, 303)
        : context.text("Log in first.", 401);
    }
    context.set("session", session);
    const from = addressOf(context, proxied);
    context.set("note", (deed) => audit({ who: session.user.name, from, ...deed }));
    return next();
  });
  app.post("*", async (context, next) => {
    const form = fields(await context.req.parseBody());
    if (isToken(context.get("session"), form.token)) {
      context.set("form", form);
      return next();
    }
    const text = "The form is of another session. Go back, load the page again, and do it once more.";
    return context.html(problemPage(context.get("session"), { title: "Not done", text }), 403);
  });
  app.post("/logout", (context) => {
    sessions.end(context.get("session").id);
    deleteCookie(context, "session", { path: "/", secure, ...(secure ? { prefix: "host" } : {}) });
    context.get("note")({ did: "log out", outcome: "done" });
    return context.redirect("/login", 303);
  });
}

/**
 * The pages, behind a login.
 * @param add adds what is shown to who is logged in
 */
export function createApp(options: AppOptions, add: (app: App) => void): App {
  const app: App = new Hono();
  const sessions = new Sessions();
  app.use("*", headers(options.secure), unstored, bodyLimit({ maxSize: 64 * kilobyte }), ownForms);
  addEntrance(app, options, sessions);
  addGuard(app, options, sessions);
  add(app);
  app.notFound((context) => {
    const text = "There is no such page.";
    return context.html(problemPage(context.get("session"), { title: "Not found", text }), 404);
  });
  app.onError((error, context) => {
    if (error instanceof HTTPException) {
      const text = "This did not come from the dashboard's own pages.";
      return context.html(problemPage(undefined, { title: "Not done", text }), error.status);
    }
    const { status, ...told } = problemOf(error);
    return context.html(problemPage(context.get("session"), told), status);
  });
  return app;
}
