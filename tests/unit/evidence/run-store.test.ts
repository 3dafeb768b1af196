import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { spokenFor } from "../../../evidence/claims.ts";
import { seal } from "../../../evidence/dsse.ts";
import { createSigningKey, type SigningKey } from "../../../evidence/keys.ts";
import { type Run, readRun, writeRun } from "../../../evidence/run.ts";
import { bundled } from "../../../evidence/run-bundles.ts";
import { type FindRunsOptions, findRuns, keepRun } from "../../../evidence/run-store.ts";
import { statementType } from "../../../evidence/statement.ts";
import type { TrustedKey } from "../../../evidence/trust.ts";
import { digestOfBytes } from "../../../registry/client.ts";
import { aRun } from "./a-run.ts";
import { MemoryRegistry } from "./memory-registry.ts";

const minute = 60_000;
const began = Date.parse("2026-01-31T12:00:00.000Z");
const at = (minutes: number): Date => new Date(began + minutes * minute);

let registry: MemoryRegistry;
let host: string;
let folder: string;
let key: SigningKey;
let trusted: TrustedKey[];

beforeEach(async () => {
  registry = new MemoryRegistry();
  host = await registry.start();
  folder = await mkdtemp(join(tmpdir(), "slipway-runs-"));
  key = await createSigningKey(join(folder, "key"));
  trusted = [
    { id: key.id, publicKey: key.publicKey, name: "ci", for: spokenFor, emails: [], vouches: false, until: undefined },
  ];
});
afterEach(async () => {
  registry.stop();
  await rm(folder, { recursive: true, force: true });
});

const find = (options?: FindRunsOptions) => findRuns(host, "demo", trusted, options);
const tags = (): string[] => [...registry.manifests.keys()].filter((name) => !name.includes(":"));

/** Puts a manifest under a tag, as somebody does who may write to the registry. */
function push(tag: string, content: unknown): void {
  const bytes = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  registry.manifests.set(tag, { type: "application/vnd.oci.image.manifest.v1+json", bytes });
}

interface Layer {
  mediaType: string;
  digest: string;
  data: string;
}

/** The one manifest there is, and the envelope that it carries. */
function only(): { tag: string; layer: Layer; envelope: { payload: string; signatures: unknown[] } } {
  const [tag = ""] = tags();
  const [layer] = JSON.parse(String(registry.manifests.get(tag)?.bytes)).layers as [Layer];
  return { tag, layer, envelope: JSON.parse(Buffer.from(layer.data, "base64").toString()) };
}

/** A manifest that carries an envelope. */
function carrying(envelope: unknown): unknown {
  const bytes = Buffer.from(JSON.stringify(envelope));
  const mediaType = "application/vnd.dsse.envelope.v1+json";
  return { layers: [{ mediaType, digest: digestOfBytes(bytes), size: bytes.length, data: bytes.toString("base64") }] };
}

test("what is kept is found again as it was, and by whose word, in two requests", async () => {
  const run = aRun({
    before: { commit: "b".repeat(40), version: "0.9.0" },
    decisions: [{ decision: "approved", by: "ann@home", on: at(0) }],
    losses: [{ environment: "production", sent: 100, failed: 2, from: at(0), to: at(1) }],
  });
  await keepRun(host, run, key);
  const asked = registry.asked;
  expect(await find()).toEqual({ runs: [{ ...run, tag: only().tag, signer: "ci" }], flawed: [] });
  expect(registry.asked - asked).toBe(2);
});

test("runs come newest first, however they were written, and no more are read than is asked for", async () => {
  for (const minutes of [3, 1, 2]) await keepRun(host, aRun({ finishedOn: at(minutes) }), key);
  const ended = async (options?: FindRunsOptions) =>
    (await find(options)).runs.map(({ finishedOn }) => (finishedOn.getTime() - began) / minute);
  expect(await ended()).toEqual([3, 2, 1]);
  for (let minutes = 10; minutes < 90; minutes++) await keepRun(host, aRun({ finishedOn: at(minutes) }), key);
  const asked = registry.asked;
  expect((await ended({ limit: 20 })).slice(0, 2)).toEqual([89, 88]);
  expect(registry.asked - asked).toBeLessThan(40);
  // All that ended since then, and one before it.
  expect(await ended({ since: at(20) })).toContain(19);
  expect(await ended({ since: at(0) })).toHaveLength(83);
});

/** Keeps so many runs, a minute apart. */
async function keepMany(many: number): Promise<void> {
  for (let minutes = 1; minutes <= many; minutes++) await keepRun(host, aRun({ finishedOn: at(minutes) }), key);
}

const bundles = (): string[] => tags().filter((tag) => tag.startsWith("bundle-"));

test("many runs are read with few requests, out of bundles, and are all there", async () => {
  await keepMany(2 * bundled + 5);
  expect(bundles()).toHaveLength(2);
  const asked = registry.asked;
  const { runs, flawed } = await find();
  expect(registry.asked - asked).toBe(1 + 2 + 5);
  expect(runs.map(({ finishedOn }) => finishedOn)).toEqual(
    Array.from({ length: 2 * bundled + 5 }, (_, index) => at(2 * bundled + 5 - index)),
  );
  expect(flawed).toEqual([]);
});

test("what was read before is not read again, and what came since is there", async () => {
  await keepMany(3);
  const before = await find();
  await keepRun(host, aRun({ finishedOn: at(9) }), key);
  const asked = registry.asked;
  const { runs } = await find({ known: new Map(before.runs.map((run) => [run.tag, run])) });
  expect(registry.asked - asked).toBe(1 + 1);
  expect(runs.map(({ finishedOn }) => finishedOn)).toEqual([at(9), at(3), at(2), at(1)]);
});

test("what a bundle lacks, has wrong, or claims without having it is read by its own tag", async () => {
  await keepMany(bundled);
  const [bundle = ""] = bundles();
  const { layers } = JSON.parse(String(registry.manifests.get(bundle)?.bytes)) as { layers: Layer[] };
  const [first, second, ...rest] = layers as [Layer, Layer, ...Layer[]];
  const all = async () => (await find()).runs.length;
  push(bundle, { layers: rest });
  expect(await all()).toBe(bundled);
  push(bundle, {
    layers: [{ ...first, data: "e30=" }, { ...second, data: first.data, digest: first.digest }, ...rest],
  });
  expect(await all()).toBe(bundled);
  for (const broken of ["{ no", { layers: "none" }, { layers: [] }]) {
    push(bundle, broken);
    expect(await find()).toMatchObject({ runs: { length: bundled }, flawed: [] });
  }
});

test("a run that is kept late, among those of a bundle, is found", async () => {
  await keepMany(bundled);
  const late = aRun({ finishedOn: new Date(at(2).getTime() + 1_000) });
  await keepRun(host, late, key);
  expect(bundles()).toHaveLength(1);
  expect((await find()).runs).toHaveLength(bundled + 1);
});

test("those of one commit are found without a look at others", async () => {
  const commit = "c".repeat(40);
  await keepRun(host, aRun({ finishedOn: at(1) }), key);
  await keepRun(host, aRun({ commit, finishedOn: at(2) }), key);
  await keepRun(host, aRun({ commit: `${"c".repeat(12)}${"d".repeat(28)}`, finishedOn: at(3) }), key);
  const { runs } = await find({ commit });
  expect(runs.map((run) => run.commit)).toEqual([commit]);
});

test("there is none where nothing ran", async () => {
  expect(await find()).toEqual({ runs: [], flawed: [] });
});

/** A run that counts, one that was made of it, and what is said of that. */
async function flawOf(make: (genuine: ReturnType<typeof only>) => [tag: string, content: unknown]): Promise<string> {
  await keepRun(host, aRun({ finishedOn: at(1) }), key);
  const [tag, content] = make(only());
  push(tag, content);
  const found = await find();
  expect(found.flawed).toHaveLength(1);
  return found.flawed[0]?.flaw ?? "";
}

const other = "20260131T120500000Z-aaaaaaaaaaaa-0123456789abcdef";

const edited = (envelope: { payload: string }): unknown => {
  const text = Buffer.from(envelope.payload, "base64").toString().replace('"deployed"', '"rejected"');
  return { ...envelope, payload: Buffer.from(text).toString("base64") };
};

test.each<[string, Parameters<typeof flawOf>[0], string]>([
  ["edited", ({ envelope, tag }) => [tag, carrying(edited(envelope))], "signature does not fit"],
  ["kept a second time", ({ envelope }) => [other, carrying(envelope)], "another tag than its own"],
  ["no envelope", () => [other, { layers: [] }], "holds no envelope"],
  ["an envelope of another type", () => [other, carrying({ payload: "e30=" })], "not a DSSE envelope"],
  ["an envelope that was exchanged", ({ layer }) => [other, { layers: [{ ...layer, data: "e30=" }] }], "digest says"],
  ["no JSON", () => [other, "{ no"], "something else than JSON"],
  ["giant", () => [other, carrying("x".repeat(5_000_000))], "larger than"],
  ["under a tag of no run", ({ envelope }) => ["latest\x1b[2J", carrying(envelope)], "not one of a run"],
])("what is %s is told as such, and takes nothing away", async (_, make, flaw) => {
  expect(await flawOf(make)).toContain(flaw);
});

/** Signs what is no run with a key that counts. */
const signed = (statement: unknown): unknown =>
  carrying(seal(statementType, Buffer.from(JSON.stringify(statement)), key));

test.each<[string, (run: Record<string, unknown>) => Record<string, unknown>, string]>([
  ["an outcome that there is not", (run) => ({ ...run, outcome: "perhaps" }), "predicate.outcome"],
  ["a subject without an end", (run) => ({ ...run, subject: "x".repeat(501) }), "predicate.subject"],
  ["ten thousand details", (run) => ({ ...run, steps: Array(10_000).fill({}) }), "predicate.steps"],
  ["no time", (run) => ({ ...run, finishedOn: "yesterday" }), "predicate.finishedOn"],
  ["another commit", (run) => ({ ...run, commit: "b".repeat(40) }), "another commit than it says"],
  ["another application", (run) => ({ ...run, application: "other" }), "another commit than it says"],
])("a run with %s is none, whoever signed it", async (_, change, flaw) => {
  const statement = JSON.parse(writeRun(aRun()).toString());
  push(other, signed({ ...statement, predicate: change(statement.predicate) }));
  expect((await find()).flawed[0]?.flaw).toContain(flaw);
});

test("another application's run does not count for this one", async () => {
  await keepRun(host, aRun({ application: "other" }), key);
  expect((await find()).flawed[0]?.flaw).toContain("about another application");
});

test("a key that is not trusted, not for runs, or was replaced before does not count", async () => {
  await keepRun(host, aRun(), key);
  const flaw = async (limits: Partial<TrustedKey>) => {
    const { flawed } = await findRuns(host, "demo", [{ ...(trusted[0] as TrustedKey), ...limits }]);
    return flawed[0]?.flaw;
  };
  expect(await flaw({})).toBeUndefined();
  expect(await flaw({ publicKey: generateKeyPairSync("ed25519").publicKey })).toContain("signature does not fit");
  expect(await flaw({ for: ["approval/production"] })).toBe("the key of ci does not count for run");
  expect(await flaw({ until: new Date(0) })).toContain("counts until 1970");
});

test("a registry that does not answer is an error, not an empty history", async () => {
  await keepRun(host, aRun(), key);
  registry.stop();
  await expect(find()).rejects.toThrow("does not answer");
});

test("a run is an in-toto statement about its commit", () => {
  const run: Run = aRun();
  expect(JSON.parse(writeRun(run).toString())).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "demo", digest: { gitCommit: run.commit } }],
    predicateType: "urn:slipway:run:v1",
  });
  expect(readRun(writeRun(run))).toEqual(run);
});
