import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { closed, serverOf } from "../src/server.ts";
import { settingsFrom } from "../src/settings.ts";
import { PeopleInMemory } from "./people-in-memory.ts";

let people: PeopleInMemory;
let stopping: boolean;
let server: Server;
let base: string;

beforeEach(async () => {
  people = new PeopleInMemory();
  stopping = false;
  const settings = settingsFrom({ RELEASE_VERSION: "9.8.7", RELEASE_COMMIT: "abc123", ENVIRONMENT: "staging" });
  server = serverOf({ settings, people, stopping: () => stopping });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => closed(server));

const request = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(base + path, { method, headers });
const put = (name: string) => request("PUT", `/demo/person?name=${encodeURIComponent(name)}`);

test("hello tells the release", async () => {
  const response = await request("GET", "/demo/hello");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ version: "9.8.7", commit: "abc123", environment: "staging" });
});

test.each(["Ada", "Zoë Ünal", "李小龍", "👩‍🚀", "Robert'); DROP TABLE person;--", "x".repeat(100)])(
  "%s is stored and listed once",
  async (name) => {
    expect((await put(name)).status).toBe(201);
    expect((await put(name)).status).toBe(201);
    expect(await (await request("GET", "/demo/person")).json()).toEqual([name]);
  },
);

test.each([
  ["/demo/person", "missing"],
  ["/demo/person?name=", "missing"],
  ["/demo/person?name=%20", "missing"],
  [`/demo/person?name=${"x".repeat(101)}`, "longer than 100"],
  ["/demo/person?name=a%00b", "control character"],
  ["/demo/person?name=a%0Ab", "control character"],
])("PUT %s is refused because of what is wrong with it", async (path, why) => {
  const response = await request("PUT", path);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: expect.stringContaining(why) });
});

test.each(["/", "/demo", "/demo/hello/", "/demo/constructor", "//", "/toString"])("%s does not exist", async (path) => {
  expect((await request("GET", path)).status).toBe(404);
});

test.each([
  ["POST", "/demo/hello", "GET, HEAD"],
  ["DELETE", "/demo/person", "GET, HEAD, PUT"],
])("%s %s is answered with what is possible", async (method, path, allow) => {
  const response = await request(method, path);
  expect(response.status).toBe(405);
  expect(response.headers.get("Allow")).toBe(allow);
});

test.each([
  ["from-the-caller:1", "from-the-caller:1"],
  ["from-the-caller, from-a-proxy", "from-the-caller"],
])("of the request id %s, %s comes back", async (given, expected) => {
  const response = await request("GET", "/demo/hello", { "X-Request-Id": given });
  expect(response.headers.get("X-Request-Id")).toBe(expected);
});

test("a request id that is not fit for a log line is replaced", async () => {
  const id = (await request("GET", "/demo/hello", { "X-Request-Id": '"}{"' })).headers.get("X-Request-Id");
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
});

test("a stopping server says so, serves on and keeps no connection", async () => {
  stopping = true;
  expect((await request("GET", "/demo/health")).status).toBe(503);
  expect((await request("GET", "/demo/ready")).status).toBe(503);
  const response = await request("GET", "/demo/hello");
  expect(response.status).toBe(200);
  expect(response.headers.get("Connection")).toBe("close");
});

test("without its database the server is alive, not ready, and answers 503 without details", async () => {
  const lines = vi.spyOn(console, "log").mockReturnValue();
  people.broken = true;
  expect((await request("GET", "/demo/health")).status).toBe(200);
  expect((await request("GET", "/demo/ready")).status).toBe(503);
  const response = await put("Ada");
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ error: "the database cannot be reached" });
  expect(lines).toHaveBeenCalledOnce();
  lines.mockRestore();
});

test("HEAD answers like GET, without a body", async () => {
  const response = await request("HEAD", "/demo/hello");
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("");
});
