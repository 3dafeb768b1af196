import { expect, test } from "vitest";

import { needs } from "../../../dashboard/app.ts";
import { UsageError } from "../../../pipeline/errors.ts";
import { password, visitor } from "./a-dashboard.ts";

test("nobody sees anything before they have logged in, and comes back to what they wanted to see", async () => {
  const { get, app } = await visitor((pages) => pages.get("/secret", (context) => context.text("secret")));
  const page = await get("/secret?of=all");
  expect(page.status).toBe(303);
  expect(page.headers.get("location")).toBe("/login?to=%2Fsecret%3Fof%3Dall");
  expect((await app.request("http://127.0.0.1:8800/secret", { headers: { "sec-fetch-dest": "empty" } })).status).toBe(
    401,
  );
});

test("who knows the password is let in, by a cookie that scripts and other sites cannot use", async () => {
  const { get, login, deeds } = await visitor((pages) => pages.get("/", (context) => context.text("welcome")));
  const response = await login("view");
  expect(response.status).toBe(303);
  expect(response.headers.get("set-cookie")).toMatch(
    /^session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(await (await get("/")).text()).toBe("welcome");
  expect(deeds).toEqual([{ who: "view", from: "unknown", did: "log in", outcome: "done" }]);
});

test("behind TLS the cookie is for TLS and this host alone, and browsers are told to stay with TLS", async () => {
  const { login } = await visitor(undefined, true);
  const { headers } = await login("view");
  expect(headers.get("set-cookie")).toMatch(/^__Host-session=.*; Secure; SameSite=Strict$/);
  expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
});

test.each([
  ["another password", "view", "wrong horse battery"],
  ["no such user", "nobody", password],
])("%s is refused in the same words", async (_why, name, given) => {
  const { post, deeds, get } = await visitor();
  const response = await post("/login", { name, password: given });
  expect(response.status).toBe(401);
  expect(await response.text()).toContain("There is no such user, or the password is another one");
  expect(deeds).toMatchObject([{ who: name, did: "log in", outcome: "refused" }]);
  expect((await get("/")).status).toBe(303);
});

test("who fails too often has to wait, even with the right password", async () => {
  const { post, login } = await visitor();
  const from = { "x-forwarded-for": "192.0.2.7" };
  for (let time = 0; time < 10; time++) await post("/login", { name: "view", password: "wrong" }, from);
  const response = await post("/login", { name: "view", password }, from);
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(60);
  expect((await login("view")).status).toBe(303);
}, 60_000);

test("a login leads to this site only", async () => {
  const { post } = await visitor();
  for (const to of ["https://example.org/", "//example.org", "/\\example.org", "/ok\r\nx: y"]) {
    const response = await post("/login", { name: "view", password, to });
    expect(response.headers.get("location")).toBe("/");
  }
}, 60_000);

test("a form without the session's token, or from another site, does nothing", async () => {
  let done = 0;
  const { login, post, token } = await visitor((pages) => pages.post("/do", (context) => context.text(`${++done}`)));
  await login("operate");
  expect((await post("/do", {})).status).toBe(403);
  expect((await post("/do", { token: "x".repeat(43) })).status).toBe(403);
  const right = { token: await token() };
  expect((await post("/do", right, { origin: "https://example.org" })).status).toBe(403);
  expect((await post("/do", right, { origin: "null" })).status).toBe(403);
  expect(done).toBe(0);
  expect((await post("/do", right)).status).toBe(200);
  expect(done).toBe(1);
});

test.each([
  ["view", "approve", 403],
  ["approve", "approve", 200],
  ["operate", "approve", 200],
  ["approve", "operate", 403],
] as const)("who may %s gets for what needs %s: %i", async (role, wanted, status) => {
  const { login, get } = await visitor((pages) => pages.get("/page", needs(wanted), (context) => context.text("page")));
  await login(role);
  expect((await get("/page")).status).toBe(status);
});

test("a session ends with logging out, with another password, and with the user", async () => {
  const { login, get, post, token, users, deeds } = await visitor((pages) =>
    pages.get("/", (context) => context.text("in")),
  );
  await login("view");
  await post("/logout", { token: await token() });
  expect(deeds.at(-1)).toMatchObject({ who: "view", did: "log out" });
  expect((await get("/")).status).toBe(303);
  await login("view");
  const [user] = users;
  if (user) user.role = "operate";
  expect((await get("/")).status).toBe(303);
  await login("view");
  expect((await get("/")).status).toBe(200);
  users.length = 0;
  expect((await get("/")).status).toBe(303);
});

test("no page may be framed, stored, or run what is not the dashboard's own file", async () => {
  const { get } = await visitor();
  const { headers } = await get("/login");
  expect(headers.get("content-security-policy")).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(Object.fromEntries(headers)).toMatchObject({
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
});

test("an error says what and what next, and a fault of the dashboard itself says nothing to whoever looks", async () => {
  const { get, login } = await visitor((pages) => {
    pages.get("/known", () => {
      throw new UsageError("There is no <such> commit\u001b[31m", { next: "git fetch" });
    });
    pages.get("/fault", () => {
      throw new Error("the database password is secret");
    });
  });
  await login("view");
  const known = await get("/known");
  expect(known.status).toBe(400);
  expect(await known.text()).toMatch(/There is no &lt;such&gt; commit<.*<code>git fetch/s);
  const fault = await get("/fault");
  expect(fault.status).toBe(500);
  expect(await fault.text()).not.toContain("secret");
});
