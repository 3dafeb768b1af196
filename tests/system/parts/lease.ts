import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { beforeAll, expect, test, vi } from "vitest";

import { type Holder, Lease, leaseHolder } from "../../../swarm/lease.ts";
import type { Clone } from "../../support/clone.ts";
import { engineOf } from "../../support/production.ts";

const environment = "staging";
const times = { expiry: 3_000, renewal: 500, look: 100 };

let engine: Docker;

const holder = (owner: string): Holder => ({ owner, purpose: "a test", since: new Date() });

/** Takes the lease, with what was told meanwhile. */
async function acquire(owner: string, more: Partial<typeof times> = {}) {
  const told = { waited: [] as string[], expired: [] as string[] };
  const lease = await Lease.acquire(engine, environment, holder(owner), {
    signal: AbortSignal.timeout(20_000),
    onWait: ({ owner: other }) => void told.waited.push(other),
    onExpired: ({ owner: other }) => void told.expired.push(other),
    times: { ...times, ...more },
  });
  return { lease, ...told };
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
  expiring();
  promoting(clone);
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
}
