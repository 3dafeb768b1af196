import { expect, test } from "vitest";

import { facts } from "../support/facts.ts";
import { send } from "./api.ts";

test("hello greets and tells this release's version and commit", async () => {
  const response = await send("GET", "/hello");
  expect(response.status).toBe(200);
  const { message, version, commit } = (await response.json()) as Record<string, unknown>;
  expect(message).toMatch(/^Hello/);
  expect(version).toBe(facts.release.version);
  expect(commit).toBe(facts.release.commit);
});

test.each(["/health", "/ready"])("%s answers 200", async (path) => {
  expect((await send("GET", path)).status).toBe(200);
});

test("the id of a request comes back with its answer", async () => {
  const id = crypto.randomUUID();
  expect((await send("GET", "/hello", { "X-Request-Id": id })).headers.get("X-Request-Id")).toBe(id);
});

test("a request without an id is given one", async () => {
  expect((await send("GET", "/hello")).headers.get("X-Request-Id")).toMatch(/./);
});

test("an unknown path is answered 404 with the reason", async () => {
  const response = await send("GET", "/nothing-here");
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ error: expect.any(String) });
});

test("a wrong method is answered 405 with what is possible", async () => {
  const response = await send("POST", "/hello");
  expect(response.status).toBe(405);
  expect(response.headers.get("Allow")).toContain("GET");
});
