import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type CommitStatus, commitStatus } from "../../../../pipeline/commit-status/state.ts";
import { InterruptedError } from "../../../../pipeline/errors.ts";
import type { Conclusion, WatchEvent } from "../../../../pipeline/watch/events.ts";
import { type Answer, unasked } from "../../../../pipeline/watch/knowledge.ts";
import { type DeliveryEnd, type WatchOptions, watch } from "../../../../pipeline/watch/watch.ts";
import { emptyRepository, type Repository } from "../repository.ts";

let repository: Repository;
let first: string;
let stop: AbortController;
let told: WatchEvent[];
let reports: string[];
let delivered: string[];
/** What is known of commits, as the registry would know it: what comes to its end is kept. */
let known: Map<string, Conclusion>;
let answers: Map<string, Answer>;
/** What the delivery of a commit does; it is ready by default. */
let ends: Map<string, (signal: AbortSignal) => Promise<DeliveryEnd> | DeliveryEnd>;
let running: Promise<string | undefined> | undefined;

beforeEach(async () => {
  repository = await emptyRepository();
  first = await repository.commit({ a: "1" });
  stop = new AbortController();
  [told, reports, delivered] = [[], [], []];
  [known, answers, ends] = [new Map(), new Map(), new Map()];
});
afterEach(async () => {
  stop.abort();
  await running?.catch(() => {});
  running = undefined;
  await repository.remove();
});

const ended = (conclusion: Conclusion | undefined): DeliveryEnd => ({
  conclusion,
  status: commitStatus(conclusion === "ready" || conclusion === "deployed" ? "success" : "error", String(conclusion)),
});

async function deliver(commit: string, signal: AbortSignal): Promise<DeliveryEnd> {
  delivered.push(commit);
  const end = await (ends.get(commit) ?? (() => ended("ready")))(signal);
  if (end.conclusion) known.set(commit, end.conclusion);
  return end;
}

function begin(options: Partial<WatchOptions> = {}): void {
  running = watch({
    branch: { name: "main", remote: undefined },
    every: false,
    continuous: false,
    interval: 0.02,
    signal: stop.signal,
    tell: (event) => void told.push(event),
    report: (commit: string, { state }: CommitStatus) => void reports.push(`${commit} ${state}`),
    deliver,
    conclusionOf: async (commit) => known.get(commit),
    answerTo: async (commit) => answers.get(commit),
    folder: repository.folder,
    ...options,
  });
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

const untilTold = (wanted: Partial<WatchEvent>) =>
  until(() => expect(told).toContainEqual(expect.objectContaining(wanted)));

/** Long enough for several looks: nothing more may come of them. */
async function untilQuiet(): Promise<void> {
  await sleep(400);
}

const approval = (name = "one"): Answer => ({ name, because: "approved by Ann" });

test("the newest commit is delivered and reported, then each that comes", async () => {
  begin();
  await untilTold({ type: "ended", commit: first });
  const second = await repository.commit({ a: "2" });
  await untilTold({ type: "ended", commit: second });
  expect(delivered).toEqual([first, second]);
  expect(reports).toEqual([`${first} pending`, `${first} success`, `${second} pending`, `${second} success`]);
});

test.each(["deployed", "ready", "failed", "rejected"] as const)(
  "a head that was %s before is not delivered again, and its state is reported",
  async (conclusion) => {
    known.set(first, conclusion);
    begin();
    await untilTold({ type: "known", commit: first, conclusion });
    await untilQuiet();
    expect(delivered).toEqual([]);
    expect(reports).toHaveLength(1);
  },
);

test("of commits that come faster than deliveries the newest is taken, and the others are told", async () => {
  let go = (): void => {};
  ends.set(first, () => new Promise((resolve) => (go = () => resolve(ended("ready")))));
  begin();
  await untilTold({ type: "delivering", commit: first });
  const second = await repository.commit({ a: "2" });
  const third = await repository.commit({ a: "3" });
  go();
  await untilTold({ type: "ended", commit: third });
  expect(delivered).toEqual([first, third]);
  expect(told).toContainEqual({ type: "skipped", commits: [second] });
});

test("with --every each is taken, also those that came while nothing watched", async () => {
  known.set(first, "deployed");
  const second = await repository.commit({ a: "2" });
  const third = await repository.commit({ a: "3" });
  begin({ every: true });
  await untilTold({ type: "ended", commit: third });
  expect(delivered).toEqual([second, third]);
});

test("a bad commit is told once, and the next one is delivered", async () => {
  ends.set(first, () => ended("failed"));
  begin();
  await untilTold({ type: "ended", commit: first, conclusion: "failed" });
  await untilQuiet();
  const second = await repository.commit({ a: "2" });
  await untilTold({ type: "ended", commit: second });
  expect(delivered).toEqual([first, second]);
});

test("a delivery that says nothing about the commit is tried again until it does", async () => {
  ends.set(first, () => ended(delivered.length < 3 ? undefined : "deployed"));
  begin();
  await untilTold({ type: "ended", commit: first, conclusion: "deployed" });
  expect(delivered).toEqual([first, first, first]);
  expect(told).toContainEqual(expect.objectContaining({ type: "unfinished", retryIn: 0.04 }));
});

test("a commit that cannot be delivered just now does not keep a newer one waiting", async () => {
  ends.set(first, () => ended(undefined));
  begin({ interval: 0.3 });
  await untilTold({ type: "unfinished", commit: first });
  const second = await repository.commit({ a: "2" });
  await untilTold({ type: "ended", commit: second });
});

test("a fault in a delivery does not end the watch", async () => {
  ends.set(first, () => {
    if (delivered.length === 1) throw new TypeError("fault");
    return ended("ready");
  });
  begin();
  await untilTold({ type: "fault", reason: "fault" });
  await untilTold({ type: "ended", commit: first });
});

test("after a push by force it goes on from where the branch is", async () => {
  const second = await repository.commit({ a: "2" });
  begin();
  await untilTold({ type: "ended", commit: second });
  // At once, as a push is: between two commands the watch could see either.
  const other = (await repository.git("commit-tree", `${first}^{tree}`, "-p", first, "-m", "other")).trim();
  await repository.git("update-ref", "refs/heads/main", other);
  await untilTold({ type: "forced", from: second, to: other });
  await untilTold({ type: "ended", commit: other });
});

test.each([
  ["ready", 1],
  ["deployed", 1],
  ["failed", 0],
] as const)("pushed back to a commit that was %s, it delivers it %d times", async (conclusion, times) => {
  known.set(first, conclusion);
  const second = await repository.commit({ a: "2" });
  begin();
  await untilTold({ type: "ended", commit: second });
  await repository.git("reset", "--hard", "--quiet", first);
  await untilTold({ type: "forced", from: second, to: first });
  await untilQuiet();
  expect(delivered.filter((commit) => commit === first)).toHaveLength(times);
});

test("a remote that is away is told once, and once when it is back", async () => {
  const own = await emptyRepository();
  await own.git("remote", "add", "origin", `${repository.folder}-moved`);
  begin({ branch: { name: "main", remote: "origin" }, folder: own.folder });
  await untilTold({ type: "unreachable" });
  await untilQuiet();
  await own.git("remote", "set-url", "origin", repository.folder);
  await untilTold({ type: "ended", commit: first });
  const about = told.map(({ type }) => type).filter((type) => type === "unreachable" || type === "reachable");
  expect(about).toEqual(["unreachable", "reachable"]);
  stop.abort();
  await running;
  await own.remove();
});

test("a registry that cannot be asked does not keep a commit from its delivery", async () => {
  begin({ conclusionOf: () => Promise.reject(new Error("no answer")) });
  await untilTold({ type: "unknown", reason: "no answer" });
  await untilTold({ type: "ended", commit: first });
});

test("what is approved is delivered, once for each answer", async () => {
  begin();
  await untilTold({ type: "ended", commit: first, conclusion: "ready" });
  answers.set(first, approval());
  await until(() => expect(delivered).toHaveLength(2));
  await untilQuiet();
  expect(delivered).toHaveLength(2);
  ends.set(first, () => ended("deployed"));
  answers.set(first, approval("other"));
  await untilTold({ type: "ended", commit: first, conclusion: "deployed" });
  expect(told).toContainEqual(expect.objectContaining({ type: "delivering", because: "approved by Ann" }));
});

test("what was held back by a window is let in once production may be changed, however often it came too late", async () => {
  const held = { ...ended("ready"), held: "production is frozen" };
  ends.set(first, () => held);
  begin({ continuous: true });
  await untilTold({ type: "ended", commit: first });
  answers.set(first, { name: unasked, because: "production may be changed now" });
  await until(() => expect(delivered.length).toBeGreaterThan(2));
  ends.set(first, () => ended("deployed"));
  await untilTold({ type: "ended", commit: first, conclusion: "deployed" });
});

test("what waits for somebody although nothing is held back does not start by itself", async () => {
  begin({ continuous: true });
  await untilTold({ type: "ended", commit: first });
  answers.set(first, { name: unasked, because: "production may be changed now" });
  await untilQuiet();
  expect(delivered).toEqual([first]);
});

test("a commit that gave way is done with, and an older one goes on waiting", async () => {
  begin();
  await untilTold({ type: "ended", commit: first, conclusion: "ready" });
  const second = await repository.commit({ a: "2" });
  ends.set(second, () => ended("superseded"));
  await untilTold({ type: "ended", commit: second, conclusion: "superseded" });
  await untilQuiet();
  expect(delivered).toEqual([first, second]);
  expect(told.map(({ type }) => type)).not.toContain("superseded");
});

test("what waits for approval is found by a watch that is started again, below commits that were no good", async () => {
  const second = await repository.commit({ a: "2" });
  known.set(first, "ready").set(second, "failed");
  answers.set(first, approval());
  ends.set(first, () => ended("deployed"));
  begin();
  await untilTold({ type: "ended", commit: first, conclusion: "deployed" });
  expect(delivered).toEqual([first]);
});

test("a newer release takes the place of one that waits, which is not deployed any more", async () => {
  begin();
  await untilTold({ type: "ended", commit: first });
  const second = await repository.commit({ a: "2" });
  await untilTold({ type: "superseded", commit: first, by: second });
  answers.set(first, approval());
  await untilQuiet();
  expect(delivered).toEqual([first, second]);
});

test("what was approved while a newer commit was delivered comes first", async () => {
  let go = (): void => {};
  begin();
  await untilTold({ type: "ended", commit: first });
  const second = await repository.commit({ a: "2" });
  ends.set(second, () => new Promise((resolve) => (go = () => resolve(ended("ready")))));
  // Set before the second is taken, which takes a look.
  await untilTold({ type: "delivering", commit: second });
  ends.set(first, () => ended("deployed"));
  answers.set(first, approval());
  go();
  await untilTold({ type: "ended", commit: first, conclusion: "deployed" });
  expect(told.map(({ type }) => type)).not.toContain("superseded");
});

test("asked to stop while idle, it ends and nothing was cut off", async () => {
  begin();
  await untilTold({ type: "ended", commit: first });
  stop.abort();
  expect(await running).toBeUndefined();
  expect(told.at(-1)).toEqual({ type: "ended-watching" });
});

test("asked to stop in a delivery, it waits for its end and says what was cut off", async () => {
  let cleanedUp = false;
  ends.set(first, async (signal) => {
    await sleep(10_000, undefined, { signal }).catch(() => {});
    await sleep(50);
    cleanedUp = true;
    throw new InterruptedError();
  });
  begin();
  await untilTold({ type: "delivering" });
  stop.abort();
  expect(await running).toBe(first);
  expect(cleanedUp).toBe(true);
  expect(told.map(({ type }) => type)).not.toContain("fault");
  expect(reports.at(-1)).toBe(`${first} error`);
  expect(told).toContainEqual({ type: "interrupted", commit: first });
});
