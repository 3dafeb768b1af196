import { z } from "zod";

import { isLocal } from "./address.ts";
import { type Challenge, challengesIn } from "./challenge.ts";
import { RegistryError } from "./errors.ts";
import { type Login, loginFor } from "./login.ts";
import { reach } from "./reach.ts";

/** What an `Authorization` header may say for a while. */
interface Authorization {
  header: string;
  /** The end of that, in milliseconds since 1970. */
  until: number;
}

const granted = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  // The specification's default, and what it demands at least.
  expires_in: z.number().default(60),
});

/** How long before its end a token is not used any more, and how long a login that has no end is. */
const margin = 10_000;
const loginLasts = 300_000;

const known = new Map<string, Authorization>();

const logInNext = (host: string): string => `docker login ${host}`;

const refused = (host: string, login: Login | undefined): RegistryError =>
  login
    ? new RegistryError(`The registry at ${host} refuses the login of ${login.username || "its token"}`, {
        status: 401,
        next: logInNext(host),
      })
    : new RegistryError(`The registry at ${host} wants a login, and there is none`, {
        status: 401,
        next: logInNext(host),
      });

const basic = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** Where tokens are given out; never told a login in clear text. */
function realmOf({ parameters }: Challenge, host: string): URL {
  const { realm = "" } = parameters;
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLocal(url.host))) return url;
  throw new RegistryError(
    `The registry at ${host} sends its users to ${JSON.stringify(realm)}, which is no https address`,
  );
}

/** The request for a token: a name and a password go along, or a token of an earlier login is exchanged. */
function tokenRequest(realm: URL, { parameters }: Challenge, login: Login | undefined): [URL, RequestInit] {
  const scopes = parameters.scope?.split(" ").filter(Boolean) ?? [];
  const service = parameters.service ?? "";
  if (login && "identityToken" in login) {
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      service,
      client_id: "slipway",
      scope: scopes.join(" "),
      refresh_token: login.identityToken,
    });
    return [realm, { method: "POST", body }];
  }
  const url = new URL(realm);
  if (service) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (login) url.searchParams.set("account", login.username);
  return [url, login ? { headers: { authorization: basic(login) } } : {}];
}

async function bearer(
  challenge: Challenge,
  host: string,
  login: Login | undefined,
  signal: AbortSignal,
): Promise<Authorization> {
  const [url, init] = tokenRequest(realmOf(challenge, host), challenge, login);
  const asked = Date.now();
  const response = await reach(host, url, { ...init, signal });
  if (response.status === 401 || response.status === 403) {
    await response.body?.cancel();
    throw refused(host, login);
  }
  const said = granted.safeParse(response.ok ? await response.json().catch(() => undefined) : undefined).data;
  const token = said?.token ?? said?.access_token;
  if (!token) {
    throw new RegistryError(
      `${url.host}, where the registry at ${host} sends its users, gives no token (${response.status})`,
      {
        status: response.status,
      },
    );
  }
  return { header: `Bearer ${token}`, until: asked + (said?.expires_in ?? 60) * 1_000 - margin };
}

/** Answers what a registry demands with the login that docker has for it. */
async function answer(
  response: Response,
  host: string,
  signal: AbortSignal,
): Promise<Authorization & { login: Login | undefined }> {
  const challenges = challengesIn(response.headers.get("www-authenticate") ?? "");
  await response.body?.cancel();
  const login = await loginFor(host);
  const asksForToken = challenges.find(({ scheme }) => scheme === "bearer");
  if (asksForToken) return { login, ...(await bearer(asksForToken, host, login, signal)) };
  if (login && "password" in login && challenges.some(({ scheme }) => scheme === "basic")) {
    return { login, header: basic(login), until: Date.now() + loginLasts };
  }
  throw refused(host, login);
}

/** What a request wants to do, which a token may be for and another one not. */
export interface Purpose {
  host: string;
  /** What is asked about, for people: a repository, or the list of them. Empty for the registry itself. */
  about: string;
  method: string;
}

const isReading = (method: string): boolean => method === "GET" || method === "HEAD";

const keyOf = ({ host, about, method }: Purpose): string =>
  `${host} ${about} ${isReading(method) ? "pull" : method === "DELETE" ? "delete" : "push"}`;

function forbidden({ host, about, method }: Purpose, login: Login | undefined): RegistryError {
  const what = isReading(method) ? "read" : method === "DELETE" ? "remove from" : "write to";
  const who = login ? login.username || "this login" : "those who are not logged in";
  return new RegistryError(`The registry at ${host} does not let ${who} ${what} ${about}`, {
    status: 403,
    next: login ? `Have ${about} opened to ${who} there, or: ${logInNext(host)}` : logInNext(host),
  });
}

/**
 * Sends a request by the login that docker has for the registry, once that demands one. What it took to be let in is used again for as long
 * as it lasts.
 * @param send sends the request with an `Authorization` header, if there is any
 * @throws RegistryError when there is no login, or it is refused or not enough
 */
export async function authorized(
  purpose: Purpose,
  signal: AbortSignal,
  send: (authorization?: string) => Promise<Response>,
): Promise<Response> {
  const key = keyOf(purpose);
  const before = known.get(key);
  const response = await send(before && before.until > Date.now() ? before.header : undefined);
  if (response.status !== 401) return response;
  known.delete(key);
  const { login, ...now } = await answer(response, purpose.host, signal);
  const again = await send(now.header);
  if (again.status === 401) {
    await again.body?.cancel();
    // A token is given to whoever logs in, also when it is good for nothing.
    throw now.header.startsWith("Bearer ") && purpose.about ? forbidden(purpose, login) : refused(purpose.host, login);
  }
  if (again.status === 403) {
    await again.body?.cancel();
    throw forbidden(purpose, login);
  }
  known.set(key, now);
  return again;
}
