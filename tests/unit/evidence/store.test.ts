import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { type Claim, claims } from "../../../evidence/claims.ts";
import { createSigningKey, type SigningKey } from "../../../evidence/keys.ts";
import { predicates, writeStatement } from "../../../evidence/statement.ts";
import { attachEvidence, findEvidence } from "../../../evidence/store.ts";
import type { TrustedKey } from "../../../evidence/trust.ts";
import { MemoryRegistry } from "./memory-registry.ts";

let registry: MemoryRegistry;
let host: string;
let folder: string;
let key: SigningKey;
let trusted: TrustedKey[];

const releaseOf = (...names: string[]) => ({
  application: "demo",
  commit: "a".repeat(40),
  images: Object.fromEntries(names.map((name) => [name, `${host}/demo/${name}@${registry.image(name)}`])),
});

type Images = ReturnType<typeof releaseOf>;

const statementOf = ({ application, commit, ...release }: Images, claim: Claim = "build"): Buffer => {
  const now = new Date();
  const step = { claim, application, commit, startedOn: now, finishedOn: now, runBy: "a@b", tools: {} };
  return writeStatement(release, step, { type: predicates.provenance, fields: {} });
};

beforeEach(async () => {
  registry = new MemoryRegistry();
  host = await registry.start();
  folder = await mkdtemp(join(tmpdir(), "slipway-store-"));
  key = await createSigningKey(join(folder, "key"));
  trusted = [
    { id: key.id, publicKey: key.publicKey, name: "ci", for: claims, emails: [], vouches: false, until: undefined },
  ];
});
afterEach(async () => {
  registry.stop();
  await rm(folder, { recursive: true, force: true });
});

test.each([false, true])(
  "what is attached is found again, where the endpoint for referrers is there: %s",
  async (there) => {
    registry.referrersEndpoint = there;
    const release = releaseOf("app", "job");
    await attachEvidence(release, statementOf(release), key);
    const found = await findEvidence(release, trusted);
    expect(found.map(({ flaw, signer, statement }) => [flaw, signer?.name, statement?.predicateType])).toEqual([
      [undefined, "ci", predicates.provenance],
    ]);
    const tagged = [...registry.manifests.keys()].filter((name) => name.startsWith("sha256-"));
    expect(tagged).toHaveLength(there ? 0 : 2);
  },
);

test.each([false, true])(
  "of an image that two releases have, each has its own evidence, where the endpoint for referrers is there: %s",
  async (there) => {
    registry.referrersEndpoint = there;
    const [one, other] = [releaseOf("app"), { ...releaseOf("app"), commit: "b".repeat(40) }];
    await attachEvidence(one, statementOf(one), key);
    await attachEvidence(other, statementOf(other), key);
    const found = await findEvidence(other, trusted);
    expect(found.map(({ statement }) => statement?.predicate["urn:slipway:step:v1"].commit)).toEqual([other.commit]);
    expect(await findEvidence({ images: one.images }, trusted)).toHaveLength(2);
  },
);

test("evidence that is attached by several at once is all there", async () => {
  const release = releaseOf("app");
  const several = claims.slice(0, 4);
  await Promise.all(several.map((claim) => attachEvidence(release, statementOf(release, claim), key)));
  expect(await findEvidence(release, trusted)).toHaveLength(several.length);
});

test("what a key may not speak for, or spoke for too late, has that for its flaw", async () => {
  const release = releaseOf("app");
  await attachEvidence(release, statementOf(release), key);
  const flaw = async (limits: Partial<TrustedKey>) => {
    const [found] = await findEvidence(release, [{ ...(trusted[0] as TrustedKey), ...limits }]);
    return found?.flaw;
  };
  expect(await flaw({ for: ["approval/production"] })).toBe("the key of ci does not count for build");
  expect(await flaw({ until: new Date(0) })).toMatch(/counts until 1970/);
  expect(await flaw({})).toBeUndefined();
});

test("a content that the registry exchanged is a flaw of that piece and of no other", async () => {
  const release = releaseOf("app");
  await attachEvidence(release, statementOf(release, "build"), key);
  await attachEvidence(release, statementOf(release, "unit-tests"), key);
  const envelopes = [...registry.blobs].filter(([, bytes]) => bytes.toString().includes("payloadType"));
  const [digest, bytes] = envelopes[0] as [string, Buffer];
  registry.blobs.set(digest, Buffer.from(bytes.toString().replace("payloadType", "payloadTipe")));
  const flaws = (await findEvidence(release, trusted)).map((found) => found.flaw);
  expect(flaws.filter((flaw) => flaw === undefined)).toHaveLength(1);
  expect(flaws.find((flaw) => flaw !== undefined)).toContain("another content");
});

test("what is listed and is not there is a flaw; a registry that does not answer is an error", async () => {
  const release = releaseOf("app");
  await attachEvidence(release, statementOf(release), key);
  for (const [name, { bytes }] of registry.manifests) {
    if (name.startsWith("sha256:") && bytes.toString().includes("artifactType")) registry.manifests.delete(name);
  }
  // The index of them is there; the artifact that it lists is not.
  const index = [...registry.manifests.keys()].some((name) => name.startsWith("sha256-"));
  expect(index).toBe(true);
  const [found] = await findEvidence(release, trusted);
  expect(found?.flaw).toContain("does not have it");
  registry.stop();
  await expect(findEvidence(release, trusted)).rejects.toThrow("does not answer");
});

test("an image without evidence has none", async () => {
  expect(await findEvidence(releaseOf("app"), trusted)).toEqual([]);
});
