import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";

import { Registry } from "../../../registry/client.ts";
import { attach, detach, referrers } from "../../../registry/referrers.ts";
import { MemoryRegistry } from "../evidence/memory-registry.ts";

const artifact = (text: string) => ({
  type: "text/plain",
  mediaType: "text/plain",
  bytes: new Uint8Array(Buffer.from(text)),
  annotations: { text },
});

let server: Server | undefined;
let memory: MemoryRegistry;
let registry: Registry;
beforeEach(async () => {
  memory = new MemoryRegistry();
  registry = new Registry(await memory.start());
});
afterEach(() => {
  memory.stop();
  server?.closeAllConnections();
  server?.close();
});

/** A registry that answers with each status once, then with the last of them for ever. */
async function answering(...statuses: number[]): Promise<{ registry: Registry; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request: IncomingMessage, response) => {
    response.statusCode = statuses[Math.min(asked.length, statuses.length - 1)] ?? 500;
    asked.push(String(request.method));
    response.end();
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { registry: new Registry(`127.0.0.1:${(server.address() as AddressInfo).port}`), asked };
}

test.each([
  ["a write waits while the registry takes none", "PUT", [503, 405, 201], 201, 3],
  ["a removal waits, too", "DELETE", [503, 202], 202, 2],
  ["a removal that is not allowed is not waited for", "DELETE", [405, 202], 405, 1],
  ["a read does not wait for a registry that is not there", "GET", [503, 200], 503, 1],
  ["a read of what is just being written is tried again", "GET", [500, 200], 200, 2],
  ["a write that fails is not tried again", "PUT", [500, 201], 500, 1],
  ["a removal beside what is just being written is tried again", "DELETE", [500, 202], 202, 2],
])("%s", async (_, method, statuses, status, times) => {
  const { registry: one, asked } = await answering(...statuses);
  expect((await one.ask("demo/app/manifests/tag", { method })).status).toBe(status);
  expect(asked).toHaveLength(times);
});

test("whoever waits stops waiting when they are told to", async () => {
  const { registry: one } = await answering(503);
  const stopping = new Registry(one.host, { signal: AbortSignal.timeout(100) });
  await expect(stopping.ask("demo/app/blobs/uploads/", { method: "POST" })).rejects.toThrow();
});

test("what is collected as garbage between its parts and the whole is written again", async () => {
  const subject = memory.image("app");
  memory.collectOnce = true;
  await attach(registry, "demo/app", subject, artifact("evidence"));
  expect(memory.collectOnce).toBe(false);
  expect(await referrers(registry, "demo/app", subject)).toHaveLength(1);
  expect([...memory.blobs.values()].map(String).toSorted()).toEqual(["evidence", "{}"]);
});

test.each([false, true])(
  "all that is attached goes, with every list of it that there was, where the endpoint for referrers is there: %s",
  async (there) => {
    memory.referrersEndpoint = there;
    const subject = memory.image("app");
    const other = memory.image("other");
    for (const text of ["one", "two", "three"]) await attach(registry, "demo/app", subject, artifact(text));
    await attach(registry, "demo/app", other, artifact("one"));
    const before = await referrers(registry, "demo/app", other);
    await detach(registry, "demo/app", subject);
    expect(await referrers(registry, "demo/app", subject)).toEqual([]);
    expect(await referrers(registry, "demo/app", other)).toEqual(before);
    // Both images, and of the other one its evidence and, where it needs one, its list by digest and by tag.
    expect(memory.manifests.size).toBe(there ? 3 : 5);
  },
);

test.each([false, true])(
  "some of what is attached goes, and more can be attached, where the endpoint for referrers is there: %s",
  async (there) => {
    memory.referrersEndpoint = there;
    const subject = memory.image("app");
    for (const text of ["one", "two", "three"]) await attach(registry, "demo/app", subject, artifact(text));
    await detach(registry, "demo/app", subject, ({ annotations }) => annotations?.text === "two");
    await attach(registry, "demo/app", subject, artifact("four"));
    const texts = async () => (await referrers(registry, "demo/app", subject)).map((one) => one.annotations?.text);
    expect((await texts()).toSorted()).toEqual(["four", "one", "three"]);
    await detach(registry, "demo/app", subject, ({ annotations }) => annotations?.text === "nothing");
    expect(await texts()).toHaveLength(3);
    await detach(registry, "demo/app", subject);
    expect(await texts()).toEqual([]);
    expect(memory.manifests.size).toBe(1);
  },
);

test("a tag is given to what is there, and taken away from it alone", async () => {
  const digest = memory.image("app");
  await registry.tag("demo/app", digest, "one");
  await registry.tag("demo/app", digest, "two");
  await registry.untag("demo/app", "one");
  expect(await registry.digestOf("demo/app", "one")).toBeUndefined();
  expect(await registry.digestOf("demo/app", "two")).toBe(digest);
  await expect(registry.tag("demo/app", `sha256:${"0".repeat(64)}`, "three")).rejects.toThrow("answered 404");
});

test("to detach what has nothing is no error", async () => {
  await detach(registry, "demo/app", memory.image("app"));
});
