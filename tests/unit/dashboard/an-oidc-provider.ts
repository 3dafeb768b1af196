import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { onTestFinished, vi } from "vitest";

/** What a provider says of each of those who log in there, by their name. */
export type People = Record<string, { email?: string; email_verified?: boolean; groups?: string[] }>;

export const client = { id: "slipway", secret: "the-client-secret" };

/** A real OpenID Connect provider on this machine, which asks for a name and believes it. */
export async function anOidcProvider(people: People, back: string): Promise<string> {
  // What it warns of is for those who run one in earnest.
  for (const kind of ["warn", "info"] as const) vi.spyOn(console, kind).mockImplementation(() => {});
  let listener: RequestListener = () => {};
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: client.id, client_secret: client.secret, redirect_uris: [back], application_type: "native" },
    ],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["preferred_username"],
      groups: ["groups"],
    },
    scopes: ["openid", "email", "profile", "groups"],
    pkce: { required: () => true },
    cookies: { keys: ["a key of a test"] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => Promise.resolve({ sub, preferred_username: sub, ...people[sub] }),
    }),
  });
  listener = provider.callback();
  return issuer;
}

/** Follows a login there as a browser does that nobody watches: by its redirects, its cookies and its two forms. */
export async function logInThere(address: string, name: string, back: string): Promise<string> {
  const cookies = new Map<string, string>();
  let [url, form]: [string, URLSearchParams | undefined] = [address, undefined];
  for (let step = 0; step < 12 && !url.startsWith(back); step++) {
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join("; ") },
      ...(form ? { method: "POST", body: form } : {}),
    });
    for (const set of response.headers.getSetCookie()) {
      const [, key = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(key, value);
    }
    const to = response.headers.get("location");
    const text = await response.text();
    const [, prompt = ""] = /name="prompt" value="(\w+)"/.exec(text) ?? [];
    form = to
      ? undefined
      : new URLSearchParams({ prompt, ...(prompt === "login" ? { login: name, password: "x" } : {}) });
    const [, action = ""] = /action="([^"]+)"/.exec(text) ?? [];
    url = new URL(to ?? action, url).href;
  }
  return url;
}
