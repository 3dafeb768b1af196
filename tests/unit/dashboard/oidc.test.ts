import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { OidcProvider } from "../../../dashboard/access/oidc.ts";
import { oidcSecret, readOidcSettings, returnPath, roleOf } from "../../../dashboard/access/oidc-settings.ts";
import { createApp } from "../../../dashboard/app.ts";
import type { Deed } from "../../../dashboard/audit.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { anOidcProvider, client, logInThere, type People } from "./an-oidc-provider.ts";

const site = "http://127.0.0.1:8800";
const back = site + returnPath;

const people: People = {
  Ann: { email: "ann@example.org", email_verified: true, groups: ["everyone", "ops"] },
  Bob: { email: "bob@example.org", email_verified: false, groups: ["releasers"] },
  Cem: { groups: ["everyone"] },
  Dan: { email: "dan@example.org", email_verified: true, groups: ["guests"] },
};

const settings = (issuer: string) => ({
  issuer,
  client: client.id,
  dashboard: site,
  scope: "openid email profile groups",
  name: "preferred_username",
  roles: { claim: "groups", view: ["everyone"], approve: ["releasers"], operate: ["ops"] },
});

/** The dashboard with a provider, as a browser asks it. */
async function dashboard(secret = client.secret) {
  const issuer = await anOidcProvider(people, back);
  const provider = new OidcProvider(settings(issuer), secret);
  const deeds: Deed[] = [];
  const audit = (deed: Deed): void => void deeds.push(deed);
  const users = () => Promise.resolve([]);
  const app = createApp({ users, provider, secure: false, proxied: false, audit }, (pages) => {
    pages.get("/who", (context) => context.json(context.get("session").user));
  });
  const cookies = new Map<string, string>();
  const get = async (url: string): Promise<Response> => {
    const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join("; ");
    const response = await app.request(url, { headers: { cookie, host: "127.0.0.1:8800" } });
    for (const set of response.headers.getSetCookie()) {
      const [, key = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(key, value);
    }
    return response;
  };
  /** Goes there, logs in, and is sent back. */
  const visit = async (name: string): Promise<string> => {
    const there = (await get(`${site}/login/provider?to=/who`)).headers.get("location") ?? "";
    return logInThere(there, name, back);
  };
  return { get, visit, cookies, deeds, issuer };
}

test("who logs in at the provider is somebody here, with the role that a group gives", async () => {
  const { get, visit, deeds, issuer } = await dashboard();
  expect(await (await get(`${site}/login`)).text()).toContain(`Log in with ${new URL(issuer).host}`);
  const page = await get(await visit("Ann"));
  expect(page.status).toBe(200);
  expect(page.headers.getSetCookie().join()).toContain("SameSite=Strict");
  expect(await page.text()).toContain('content="0;url=/who"');
  expect(await (await get(`${site}/who`)).json()).toEqual({
    name: "Ann",
    role: "operate",
    emails: ["ann@example.org"],
  });
  expect(deeds).toEqual([{ who: "Ann", from: "unknown", did: "log in", outcome: "done" }]);
});

test.each([
  ["Dan", "Dan may do nothing here: no value of groups gives a role"],
  ["Bob", "says no verified e-mail address of Bob"],
])("%s is not let in: %s", async (name, why) => {
  const { get, visit, deeds } = await dashboard();
  const page = await get(await visit(name));
  expect(page.status).toBe(401);
  expect(await page.text()).toContain(why);
  expect(deeds).toMatchObject([{ did: "log in", outcome: "refused", reason: expect.stringContaining(why) }]);
  expect((await get(`${site}/who`)).status).toBe(303);
});

test("who may only look needs no address", async () => {
  const { get, visit } = await dashboard();
  await get(await visit("Cem"));
  expect(await (await get(`${site}/who`)).json()).toEqual({ name: "Cem", role: "view", emails: [] });
});

test("an answer counts once, and only for the browser that asked, with the state that it was given", async () => {
  const { get, visit, cookies } = await dashboard();
  const answer = await visit("Ann");
  const own = cookies.get("login") ?? "";
  cookies.set("login", "x".repeat(43));
  expect((await get(answer)).status).toBe(401);
  cookies.set("login", own);
  expect((await get(answer.replace(/state=[^&]+/, "state=another"))).status).toBe(401);
  cookies.set("login", own);
  expect((await get(answer)).status).toBe(401);
  expect((await get(`${site}/who`)).status).toBe(303);
});

test("a wrong secret lets nobody in, and is not told", async () => {
  const { get, visit, deeds } = await dashboard("another-secret");
  const page = await get(await visit("Ann"));
  expect(page.status).toBe(401);
  expect((await page.text()) + JSON.stringify(deeds)).not.toContain("another-secret");
});

test("a provider that does not answer is said, and asked again the next time", async () => {
  const provider = new OidcProvider(settings("http://127.0.0.1:9"), "secret");
  const audit = (): void => {};
  const app = createApp({ users: () => Promise.resolve([]), provider, secure: false, proxied: false, audit }, () => {});
  const page = await app.request(`${site}/login/provider`);
  expect(page.status).toBe(503);
  expect(await page.text()).toContain("127.0.0.1:9 does not answer");
});

test("settings are checked whole, and a provider elsewhere has to speak TLS", async () => {
  const file = join(await temporaryFolder(), "oidc.yaml");
  await writeFile(file, "issuer: http://id.example.org\nclient: slipway\ndashboard: https://d.example.org\nrole: {}\n");
  const error = await readOidcSettings(file).catch((thrown: Error) => thrown.message);
  for (const at of ["issuer", "roles", "role"]) expect(error).toContain(at);
  await writeFile(
    file,
    "issuer: https://id.example.org\nclient: s\ndashboard: https://d.example.org\nroles: { view: [a] }",
  );
  const read = await readOidcSettings(file);
  expect(roleOf(["b", "a"], read)).toBe("view");
  expect(roleOf("a", read)).toBe("view");
  expect(roleOf({ a: 1 }, read)).toBeUndefined();
});

test("the secret comes from the environment or a file", async () => {
  const file = join(await temporaryFolder(), "secret");
  await writeFile(file, "of a file\n");
  expect(await oidcSecret({ SLIPWAY_OIDC_SECRET_FILE: file })).toBe("of a file");
  expect(await oidcSecret({ SLIPWAY_OIDC_SECRET: "given" })).toBe("given");
  await expect(oidcSecret({})).rejects.toThrow("There is no secret");
});
