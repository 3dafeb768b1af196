import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { beforeAll, expect, test, vi } from "vitest";

import { Lease, leaseState } from "../../../swarm/lease.ts";
import type { WaitOptions } from "../../../swarm/lease-queue.ts";
import type { Holder } from "../../../swarm/lease-records.ts";
import type { Clone } from "../../support/clone.ts";
import { engineOf } from "../../support/production.ts";

const environment = "staging";
const times = { expiry: 3_000, renewal: 500, look: 100 };

let engine: Docker;

const leaseHolder = async (of: Docker, name: string): Promise<Holder | undefined> =>
  (await leaseState(of, name)).holder;

const holder = (owner: string, commit?: string): Holder => ({
  owner,
  purpose: "a test",
  since: new Date(),
  ...(commit ? { commit } : {}),
});

/** Takes the lease, with what was told meanwhile. */
async function acquire(owner: string, more: Partial<typeof times> = {}) {
  const told = { waited: [] as string[], expired: [] as string[] };
  const { lease, inherited } = await Lease.acquire(engine, environment, holder(owner), {
    signal: AbortSignal.timeout(20_000),
    onWait: ({ owner: other }) => void told.waited.push(other),
    onExpired: ({ owner: other }) => void told.expired.push(other),
    times: { ...times, ...more },
  });
  return { lease, inherited, ...told };
}

/** An environment's lease is in its own Swarm, and Raft decides who has it. */
export function lease(clone: () => Clone): void {
  beforeAll(() => {
    engine = engineOf(clone(), environment);
  });

  test("who finds it taken waits until it is given back", async () => {
    const first = await acquire("first");
    expect(await leaseHolder(engine, environment)).toMatchObject({ owner: "first", purpose: "a test" });
    let had = false;
    const second = acquire("second").then((taken) => {
      had = true;
      return taken;
    });
    // Longer than the expiry: it is renewed all the time.
    await sleep(2 * times.expiry);
    expect(had).toBe(false);
    await first.lease.release();
    const { lease: taken, waited, expired } = await second;
    expect([waited, expired]).toEqual([["first"], []]);
    await taken.release();
    expect(await leaseHolder(engine, environment)).toBeUndefined();
  });

  test("of many who ask at once, one has it at a time", async () => {
    let holding = 0;
    let most = 0;
    const order: string[] = [];
    const one = async (owner: string): Promise<void> => {
      const { lease: taken } = await acquire(owner);
      most = Math.max(most, ++holding);
      order.push(owner);
      await sleep(50);
      holding--;
      await taken.release();
    };
    await Promise.all(Array.from({ length: 6 }, (_, index) => one(`rival ${index}`)));
    expect(most).toBe(1);
    expect(new Set(order).size).toBe(6);
  });
  queueing();
  expiring();
  inheriting();
  promoting(clone);
}

const waitingOwners = async (): Promise<string[]> =>
  (await leaseState(engine, environment)).waiting.map(({ owner }) => owner);

/** Waits for the lease until so many do. */
async function waitFor(owner: string, count: number, more: Partial<WaitOptions> & { commit?: string } = {}) {
  const stop = new AbortController();
  const { commit, ...options } = more;
  const taken = Lease.acquire(engine, environment, holder(owner, commit), {
    signal: stop.signal,
    onWait: () => {},
    onExpired: () => {},
    times,
    ...options,
  });
  // Looked at by the test, when it is time.
  taken.catch(() => {});
  await vi.waitFor(async () => expect(await waitingOwners()).toHaveLength(count), { timeout: 10_000, interval: 50 });
  return { taken, stop };
}

/** Commits of the numbers 1, 2, 3, … by how one who knows both would compare them. */
const isNewer = async (commit: string, than: string): Promise<boolean> => commit > than;
const knowsNothing = async (): Promise<boolean> => false;

function queueing(): void {
  test("they have it in the order in which they came; who goes away lets the next one have it", async () => {
    const { lease: first } = await acquire("first");
    const second = await waitFor("second", 1);
    const third = await waitFor("third", 2);
    const fourth = await waitFor("fourth", 3);
    expect(await waitingOwners()).toEqual(["second", "third", "fourth"]);
    third.stop.abort(new Error("gone"));
    await expect(third.taken).rejects.toThrow("gone");
    await first.release();
    const { lease: has, waited } = await second.taken;
    expect(waited).toBe(true);
    expect(await waitingOwners()).toEqual(["fourth"]);
    await has.release();
    await (await fourth.taken).lease.release();
    expect(await waitingOwners()).toEqual([]);
  });

  test.each([
    ["the newer one", isNewer, knowsNothing],
    ["the older one", knowsNothing, isNewer],
  ])("of two commits that wait the older one gives way, when only %s knows both", async (_, newer, older) => {
    const { lease: first } = await acquire("first");
    const old = await waitFor("old", 1, { commit: "1", isNewer: older });
    const young = await waitFor("young", 1, { commit: "2", isNewer: newer });
    await expect(old.taken).rejects.toMatchObject({ name: "SupersededError", by: "2" });
    await first.release();
    await (await young.taken).lease.release();
  });

  test("who waits behind a newer commit gives way to it, and who has it keeps it whatever comes", async () => {
    const { lease: newer } = await Lease.acquire(engine, environment, holder("newer", "2"), {
      signal: AbortSignal.timeout(20_000),
      onWait: () => {},
      onExpired: () => {},
      times,
    });
    const older = Lease.acquire(engine, environment, holder("older", "1"), {
      signal: AbortSignal.timeout(20_000),
      onWait: () => {},
      onExpired: () => {},
      isNewer,
      times,
    });
    await expect(older).rejects.toMatchObject({ name: "SupersededError", by: "2" });
    const newest = await waitFor("newest", 1, { commit: "3", isNewer });
    await newer.confirm();
    expect(await leaseHolder(engine, environment)).toMatchObject({ owner: "newer", commit: "2" });
    await newer.release();
    await (await newest.taken).lease.release();
  });
}

function expiring(): void {
  test("one whose holder died is taken over once it has not been renewed for the whole time, and not before", async () => {
    // Renewed once in a thousand seconds is as good as dead.
    const dead = await acquire("dead", { renewal: 1_000_000 });
    const started = performance.now();
    const { lease: heir, waited, expired } = await acquire("heir");
    expect(performance.now() - started).toBeGreaterThan(times.expiry);
    expect([waited, expired]).toEqual([["dead"], ["dead"]]);
    await dead.lease.release();
    expect(await leaseHolder(engine, environment)).toMatchObject({ owner: "heir" });
    await heir.release();
  });

  test("a holder that finds it taken over may change nothing more", async () => {
    const slow = await acquire("slow", { renewal: 4_000 });
    const { lease: other } = await acquire("other");
    await vi.waitFor(() => expect(slow.lease.signal.aborted).toBe(true), { timeout: 10_000, interval: 50 });
    expect(String(slow.lease.signal.reason)).toContain("was lost");
    expect(other.signal.aborted).toBe(false);
    await other.release();
  });
}

function inheriting(): void {
  const operation = { host: "elsewhere", pid: 7, since: new Date("2026-01-31T12:00:00Z") };

  test("who takes a lease over learns what its holder ran, and so does the next one as long as it is not ended", async () => {
    const dead = await acquire("dead", { renewal: 1_000_000 });
    dead.lease.tell([operation]);
    await dead.lease.confirm();
    const heir = await acquire("heir");
    expect([heir.expired, heir.inherited]).toEqual([["dead"], [operation]]);
    await heir.lease.release();
    const next = await acquire("next");
    expect([next.expired, next.inherited]).toEqual([[], [operation]]);
    next.lease.tell([]);
    await next.lease.release();
    const last = await acquire("last");
    expect(last.inherited).toEqual([]);
    await last.lease.release();
  });
}

/** Writes a holder over whoever has the lease, as no well-behaved program does. */
async function overwrite(owner: string | undefined): Promise<void> {
  const name = `${environment}_lease`;
  const [config] = await engine.listConfigs({ filters: { name: [name] } });
  const Labels = owner === undefined ? {} : { "slipway.lease.owner": owner };
  const _query = { version: config?.Version?.Index };
  await engine.getConfig(config?.ID ?? "").update({ _query, _body: { Name: name, Labels } });
}

function promoting(clone: () => Clone): void {
  test("a run that loses an environment's lease stops before its next change, and says why", async () => {
    const run = clone().start(["--again"]);
    const held = async () => expect((await leaseHolder(engine, environment))?.owner).toContain("process");
    await vi.waitFor(held, { timeout: 90_000, interval: 50 });
    await overwrite("a thief");
    const { exitCode, stderr } = await run;
    const owner = (await leaseHolder(engine, environment))?.owner;
    await overwrite(undefined);
    expect(exitCode, String(stderr)).toBe(5);
    expect(String(stderr)).toContain("The lease of staging was lost");
    expect(String(stderr)).not.toContain("6/9");
    expect(owner).toBe("a thief");
  });

  test("a promotion waits for who holds an environment, says who, and goes on afterwards; status shows it", async () => {
    const { lease: held } = await acquire("somebody", { expiry: 60_000 });
    const run = clone().start(["rollback", environment, "HEAD", "--yes"]);
    let story = "";
    run.stderr.on("data", (chunk: Buffer) => {
      story += String(chunk);
    });
    await vi.waitFor(() => expect(story).toContain("Waiting for staging, which is held by somebody for a test"), {
      timeout: 30_000,
      interval: 100,
    });
    expect((await clone().promote("status")).stdout).toContain("held by somebody for a test");
    await held.release();
    const { exitCode } = await run;
    expect(exitCode, story).toBe(0);
    expect(await leaseHolder(engine, environment)).toBeUndefined();
  });

  test("of two promotions that wait, that of the older commit ends and names the newer one", async () => {
    const { lease: held } = await acquire("somebody", { expiry: 60_000 });
    const older = clone().start(["HEAD~1", "--again"]);
    await vi.waitFor(async () => expect(await waitingOwners()).toHaveLength(1), { timeout: 60_000, interval: 100 });
    const newer = clone().start(["HEAD", "--again"]);
    const { exitCode, stderr } = await older;
    const { stdout: commit } = await clone().git("rev-parse", "HEAD");
    expect(exitCode, String(stderr)).toBe(6);
    expect(String(stderr)).toContain(`gave way to ${commit.slice(0, 12)}, which is newer`);
    newer.kill("SIGINT");
    expect((await newer).exitCode).toBe(130);
    expect(await waitingOwners()).toEqual([]);
    await held.release();
  });
}
