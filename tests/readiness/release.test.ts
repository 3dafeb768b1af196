import { expect, test } from "vitest";

import { facts } from "../support/facts.ts";

const get = (address: string, path: string) => fetch(address + path, { signal: AbortSignal.timeout(5000) });

test.each(facts.addresses)("the release answers through the edge %s", async (address) => {
  const response = await get(address, "/demo/hello");
  expect(response.status).toBe(200);
  const { version, commit, environment } = (await response.json()) as Record<string, unknown>;
  expect(version).toBe(facts.release.version);
  expect(commit).toBe(facts.release.commit);
  expect(environment).toBe(facts.environment);
});

test.each(facts.addresses)("the database is reached through the edge %s", async (address) => {
  expect((await get(address, "/demo/ready")).status).toBe(200);
  expect(await (await get(address, "/demo/person")).json()).toBeInstanceOf(Array);
});

test.runIf(facts.harsh)("what is written through each edge is read through every other at once", async () => {
  for (const writer of facts.addresses) {
    const name = `Readiness ${crypto.randomUUID()}`;
    const stored = await fetch(`${writer}/demo/person?name=${encodeURIComponent(name)}`, { method: "PUT" });
    expect(stored.status).toBe(201);
    for (const reader of facts.addresses) {
      expect(await (await get(reader, "/demo/person")).json()).toContain(name);
    }
  }
});
