import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { spokenFor } from "../../evidence/claims.ts";
import { createSigningKey, type SigningKey } from "../../evidence/keys.ts";
import { predicates, stepField, writeStatement } from "../../evidence/statement.ts";
import { attachEvidence, findEvidence } from "../../evidence/store.ts";
import type { TrustedKey } from "../../evidence/trust.ts";
import { collectGarbage } from "../../pipeline/garbage.ts";
import { markInUse } from "../../pipeline/in-use.ts";
import { removeLocalImages } from "../../pipeline/local-images.ts";
import { removeReleases } from "../../pipeline/prune.ts";
import { retain } from "../../pipeline/retention.ts";
import { storedReleases } from "../../pipeline/stored-releases.ts";
import { inputsTag } from "../../pipeline/unchanged-image.ts";
import { type Descriptor, mediaTypes } from "../../registry/client.ts";
import { tags } from "../../registry/listing.ts";
import { placeOf, short } from "../../settings/release.ts";
import { connect } from "../../swarm/engine.ts";
import { docker } from "../support/engine.ts";
import { longTest } from "../support/long.ts";
import { inputsHash, RegistryContainer } from "../support/registry.ts";

const commitOf = (name: string): string => createHash("sha1").update(name).digest("hex");
const newest = ["one", "two", "three", "four"].map(commitOf);
const [one, two, three, four] = newest as [string, string, string, string];
const signal = AbortSignal.timeout(600_000);
const repository = "demo/app";

let it: RegistryContainer;
let folder: string;
let key: SigningKey;
const images = new Map<string, string>();

/** Signs and attaches a piece of evidence to a commit's release: what it was built from, if that is said. */
async function prove(commit: string, runBy = "ann@host", inputs?: string): Promise<void> {
  const now = new Date();
  const release = { application: "demo", commit, version: "1", images: { app: images.get(commit) ?? "" } };
  const step = {
    claim: "build" as const,
    application: "demo",
    commit,
    startedOn: now,
    finishedOn: now,
    runBy,
    tools: {},
  };
  const internalParameters = { images: { app: { inputs: inputsHash(inputs ?? commit), builtFrom: commit } } };
  const fields = { buildDefinition: { internalParameters } };
  await attachEvidence(release, writeStatement(release, step, { type: predicates.provenance, fields }), key);
}

async function deliver(commit: string): Promise<void> {
  images.set(commit, await it.build(commit));
  for (const runBy of ["a@b", "c@d", "e@f"]) await prove(commit, runBy);
}

const evidenceOf = (commit: string) => findEvidence({ images: { app: images.get(commit) ?? "" } }, []);

/** Prunes all but the newest release, and has the space freed. */
async function prune(): Promise<{ removed: string[]; spared: string[]; before: number; after: number }> {
  const stored = await storedReleases(it.registry);
  const plan = retain(stored.releases, stored.named, { keepReleases: 1, keepDays: 0 }, new Date());
  const { removed, spared } = await removeReleases(
    it.registry,
    { ...plan, orphans: stored.orphans, tags: stored.tags },
    () => {},
  );
  const commits = (all: { commit: string }[]) => all.map(({ commit }) => commit);
  return { removed: commits(removed), spared: commits(spared), ...(await collectGarbage(it.container, signal)) };
}

/** Reads every layer of a commit's image, as a node that pulls it does; each has to be what its digest says. */
async function pull(commit: string): Promise<void> {
  const { digest } = placeOf(images.get(commit) ?? "");
  const manifest = await it.registry.manifest(repository, digest);
  const { layers, config } = (manifest?.content ?? {}) as Record<string, Descriptor | Descriptor[]>;
  const parts = [config, layers].flat() as Descriptor[];
  expect(parts).toHaveLength(3);
  for (const part of parts) await it.registry.blob(repository, part.digest, 10_000_000);
}

/** Does something over and over until it is told to stop; what fails is thrown then. */
function overAndOver(action: (round: number) => Promise<void>): () => Promise<number> {
  let stopped = false;
  const running = (async () => {
    let round = 0;
    for (; !stopped; round++) await action(round);
    return round;
  })();
  running.catch(() => {});
  return () => {
    stopped = true;
    return running;
  };
}

beforeAll(async () => {
  it = await RegistryContainer.start();
  folder = await mkdtemp(join(tmpdir(), "slipway-prune-"));
  key = await createSigningKey(join(folder, "key"));
  for (const commit of [one, two]) await deliver(commit);
});
afterAll(async () => {
  await it?.remove();
  await rm(folder, { recursive: true, force: true });
});

test("what a run uses is spared, whatever the policy says, for as long as it does", async () => {
  const letGo = await markInUse({ registry: it.host, repository, commit: one }, signal);
  expect(await prune()).toMatchObject({ removed: [], spared: [one] });
  await letGo();
  await pull(one);
  expect(await evidenceOf(one)).toHaveLength(3);
});

test("an old release goes with its evidence and its local image, its space is free, and what the newer one shares stays", async () => {
  const bytes = await it.bytes();
  const { removed, before, after } = await prune();
  expect(removed).toEqual([one]);
  // Its own layer; the one that both have stays.
  expect(before - after).toBeGreaterThan(1_000_000);
  expect(bytes - (await it.bytes())).toBeGreaterThan(1_000_000);
  await pull(two);
  expect(await evidenceOf(two)).toHaveLength(3);
  expect((await tags(it.registry, repository)).toSorted()).toEqual(
    [short(two), inputsTag(inputsHash(two)), placeOf(images.get(two) ?? "").digest.replace(":", "-")].toSorted(),
  );
  const [manifests] = await docker("exec", it.container, "sh", "-c", linksOfManifests);
  // The image of the release that is left, its evidence, and what its list was and is.
  expect(Number(manifests)).toBe(1 + 3 + 3);

  expect(await removeLocalImages(connect("unix:///var/run/docker.sock"), it.registry)).toEqual([
    `${it.host}/${repository}:${short(one)}`,
  ]);
});

const linksOfManifests =
  "find /var/lib/registry/docker/registry/v2/repositories/demo/app/_manifests/revisions -name link | wc -l";

longTest("beside it, releases are built, proved and pulled without a failure, and are whole afterwards", async () => {
  const built: string[] = [];
  const builder = overAndOver(async (round) => {
    const commit = commitOf(`beside ${round}`);
    // As `promote` does it: said before it is looked for.
    const letGo = await markInUse({ registry: it.host, repository, commit }, signal);
    images.set(commit, await it.build(commit, { bytes: 200_000 }));
    for (const runBy of ["a@b", "c@d"]) await prove(commit, runBy);
    await pull(commit);
    expect(await evidenceOf(commit)).toHaveLength(2);
    await letGo();
    built.push(commit);
  });
  const letGo = await markInUse({ registry: it.host, repository, commit: two }, signal);
  const prover = overAndOver(() => prove(two));
  const puller = overAndOver(() => pull(two));
  let removed = 0;
  const deadline = Date.now() + 120_000;
  for (let prunes = 0; (prunes < 8 || built.length < 4) && Date.now() < deadline; prunes++) {
    removed += (await prune()).removed.length;
    // At whatever point of a build it comes to that.
    await sleep(1_000 * Math.random());
  }
  const rounds = [await builder(), await prover(), await puller()];
  await letGo();
  for (const round of rounds) expect(round).toBeGreaterThan(3);
  expect(removed).toBeGreaterThan(0);
  const last = built.at(-1) as string;
  await prune();
  await pull(last);
  expect(await evidenceOf(last)).toHaveLength(2);
});

test("a release that was pruned is built again as if it had never been there", async () => {
  await deliver(one);
  await pull(one);
  expect(await evidenceOf(one)).toHaveLength(3);
});

/** Begins a collection that takes some seconds longer, and waits until it holds writes off. In an object, or it would be awaited. */
async function slowCollection() {
  const slow = `mkdir -p /tmp/slow && printf '#!/bin/sh\\nsleep 3; exec /usr/bin/docker-registry "$@"' > /tmp/slow/docker-registry`;
  await docker("exec", it.container, "sh", "-c", `${slow} && chmod +x /tmp/slow/docker-registry`);
  const path = "PATH=/tmp/slow:/usr/local/bin:/usr/bin:/bin";
  const collection = execa("docker", ["exec", "--env", path, it.container, "collect-garbage"], { reject: false });
  const isHeldOff = async () => expect(await begin()).toBe(503);
  await vi.waitFor(isHeldOff, { timeout: 20_000, interval: 20 });
  return { collection };
}

/** What the registry answers to who begins an upload and does not wait. */
const begin = async (): Promise<number> =>
  (await fetch(`http://${it.host}/v2/${repository}/blobs/uploads/`, { method: "POST" })).status;

test("while garbage is collected, reads go on, and what is proved or pushed waits until it is over", async () => {
  const { collection } = await slowCollection();
  await pull(one);
  const waiting = Promise.all([prove(one), deliver(three)]);
  expect(await begin()).toBe(503);
  expect((await collection).stdout).toMatch(/^\d+ \d+$/);
  await waiting;
  await pull(three);
  expect(await evidenceOf(one)).toHaveLength(4);
  expect(await evidenceOf(three)).toHaveLength(3);
});

test("a prune that was killed leaves nothing read-only, and what it did not come to goes with the next one", async () => {
  // As it is in the middle: the image is gone, and what was attached to it is not.
  await it.registry.remove(repository, placeOf(images.get(one) ?? "").digest);
  const { collection } = await slowCollection();
  collection.kill("SIGKILL");
  await collection;
  await prove(three);
  expect((await storedReleases(it.registry)).orphans).toHaveLength(1);
  await prune();
  expect((await storedReleases(it.registry)).orphans).toEqual([]);
  await deliver(four);
  await pull(three);
});

test("one that is also called otherwise stays", async () => {
  const name = `${it.host}/${repository}`;
  await docker("tag", `${name}:${short(three)}`, `${name}:v1`);
  await docker("push", "--quiet", `${name}:v1`);
  await prove(four);
  const { releases, named } = await storedReleases(it.registry);
  const { stays } = retain(releases, named, { keepReleases: 1, keepDays: 0 }, new Date());
  expect(stays.find(({ commit }) => commit === three)?.reasons).toEqual(["has the tag v1, too"]);
});

test("what a commit did not change is not built again, and stays when the release goes that it was built for", async () => {
  const [first, second, third] = ["first", "second", "third"].map(commitOf) as [string, string, string];
  const inputs = "what all of them are built from";
  const trusted = [{ ...key, name: "ann", emails: [], for: spokenFor, vouches: false, until: undefined }];
  const deliverAs = async (commit: string, keys: TrustedKey[]) => {
    images.set(commit, await it.build(commit, { inputs, keys }));
    await prove(commit, "ann@host", inputs);
  };
  await deliverAs(first, trusted);
  // Nobody whose word counts says that it was built from these.
  await deliverAs(second, []);
  expect(images.get(second)).not.toBe(images.get(first));
  await deliverAs(third, trusted);
  expect(images.get(third)).toBe(images.get(second));
  expect((await prune()).removed).toEqual(expect.arrayContaining([first, second]));
  await pull(third);
  const left = await findEvidence({ images: { app: images.get(third) ?? "" } }, trusted);
  expect(left.map(({ statement }) => statement?.predicate[stepField].commit)).toEqual([third]);
  const now = await tags(it.registry, repository);
  expect(now).toContain(short(third));
  expect(now).not.toContain(short(second));

  await deliver(commitOf("changed at last"));
  expect((await prune()).removed).toEqual([third]);
  expect(await it.registry.digestOf(repository, placeOf(images.get(third) ?? "").digest)).toBeUndefined();
});

test("a release whose image is an index goes with its parts, and what is no release is not touched", async () => {
  const commit = commitOf("in parts");
  await deliver(commit);
  const part = (await it.registry.manifest(repository, short(commit)))?.descriptor as Descriptor;
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [part] };
  const { digest } = await it.registry.putManifest(repository, index, short(commit));
  const record = { ...index, manifests: [], annotations: { run: "1" } };
  for (const tag of [short(commit), "latest"]) await it.registry.putManifest("demo/runs", record, tag);
  // Newer than it.
  await deliver(commitOf("newest"));
  expect((await prune()).removed).toContain(commit);
  for (const gone of [digest, part.digest]) expect(await it.registry.digestOf(repository, gone)).toBeUndefined();
  expect((await tags(it.registry, "demo/runs")).toSorted()).toEqual([short(commit), "latest"].toSorted());
  expect(await it.registry.manifest("demo/runs", "latest")).toBeDefined();
});
