import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { claims } from "../../../evidence/claims.ts";
import { createSigningKey, type SigningKey } from "../../../evidence/keys.ts";
import { earlyEvidence, keepEarly } from "../../../evidence/of-commit.ts";
import { predicates, type StepClaim } from "../../../evidence/statement.ts";
import type { TrustedKey } from "../../../evidence/trust.ts";
import { MemoryRegistry } from "./memory-registry.ts";

const day = 86_400_000;

let registry: MemoryRegistry;
let host: string;
let folder: string;
let key: SigningKey;
let trusted: TrustedKey[];

beforeEach(async () => {
  registry = new MemoryRegistry();
  host = await registry.start();
  folder = await mkdtemp(join(tmpdir(), "slipway-of-commit-"));
  key = await createSigningKey(join(folder, "key"));
  trusted = [
    { id: key.id, publicKey: key.publicKey, name: "ci", emails: [], for: claims, vouches: false, until: undefined },
  ];
});
afterEach(async () => {
  registry.stop();
  await rm(folder, { recursive: true });
});

const step = (more: Partial<StepClaim> = {}): StepClaim => ({
  claim: "unit-tests",
  application: "demo",
  commit: "a".repeat(40),
  startedOn: new Date(),
  finishedOn: new Date(),
  runBy: "ann@home",
  tools: { node: "24" },
  ...more,
});
const proof = { type: predicates.testResult, fields: { result: "PASSED" } };
const about = { claim: "unit-tests", application: "demo", commit: "a".repeat(40) } as const;
const found = (wanted: { commit?: string; days?: number } = {}, keys = trusted) =>
  earlyEvidence(host, { ...about, ...wanted }, keys, { days: wanted.days ?? 90 });

test("what a commit proved before it had images is read again, with whose word it is", async () => {
  await keepEarly(host, step(), proof, key);
  const { fields, predicateType, step: of, signer } = (await found()) ?? {};
  expect([fields, predicateType, signer]).toEqual([proof.fields, proof.type, "ci"]);
  expect(of).toEqual(step({ startedOn: expect.any(Date), finishedOn: expect.any(Date) }));
});

test("what was never kept, is of another commit, too old or signed by somebody else does not count", async () => {
  expect(await found()).toBeUndefined();
  await keepEarly(host, step({ finishedOn: new Date(Date.now() - 2 * day) }), proof, key);
  expect(await found({ commit: "b".repeat(40) })).toBeUndefined();
  expect(await found({ days: 1 })).toBeUndefined();
  expect(await found({ days: 3 })).toBeDefined();
  expect(await found({}, [])).toBeUndefined();
});

test("what was kept of one commit under the tag of another does not count", async () => {
  await keepEarly(host, step(), proof, key);
  const repository = "slipway/commits/demo";
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/unit-tests-${"a".repeat(40)}`);
  const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
  const tag = `http://${host}/v2/${repository}/manifests/unit-tests-${"b".repeat(40)}`;
  expect((await fetch(tag, { method: "PUT", headers, body: await answer.text() })).ok).toBe(true);
  expect(await found({ commit: "b".repeat(40) })).toBeUndefined();
});

test("what is proved again is kept in its place", async () => {
  await keepEarly(host, step({ runBy: "first" }), proof, key);
  await keepEarly(host, step({ runBy: "second" }), proof, key);
  expect((await found())?.step.runBy).toBe("second");
});
