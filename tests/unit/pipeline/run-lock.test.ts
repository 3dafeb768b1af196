import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { LockedError } from "../../../pipeline/errors.ts";
import { alone, inTurn, together } from "../../../pipeline/run-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

const hold = (holder: object): Promise<void> => writeFile(join(folder, "alone.lock"), JSON.stringify(holder));

test("one run after another goes, and leaves nothing behind", async () => {
  expect(await alone("one", async () => 1, folder)).toBe(1);
  expect(await alone("two", async () => 2, folder)).toBe(2);
  expect(await readdir(folder)).toEqual([]);
});

test("a second run at the same time is refused, naming the first", async () => {
  await alone(
    "the first",
    async () => {
      await expect(alone("the second", async () => 2, folder)).rejects.toThrow(/"the first", process \d+, since/);
    },
    folder,
  );
});

test("a run that fails gives the lock back", async () => {
  await expect(alone("one", () => Promise.reject(new Error("failed")), folder)).rejects.toThrow("failed");
  expect(await alone("two", async () => 2, folder)).toBe(2);
});

test.each([
  ["a process that is gone", { pid: 2 ** 22 - 3, since: new Date(), what: "x" }],
  ["a process id that was given away again", { pid: process.pid, since: new Date("2001-01-01"), what: "x" }],
  ["a half-written file", {}],
])("the lock of %s does not count", async (_, holder) => {
  await hold(holder);
  expect(await alone("one", async () => 1, folder)).toBe(1);
});

test("the lock of a process in a container counts as long as that touches it", async () => {
  await hold({ pid: 1, space: "pid:[1]", since: new Date("2001-01-01"), what: "other" });
  await expect(alone("one", async () => 1, folder)).rejects.toThrow(LockedError);
  const before = new Date(Date.now() - 60_000);
  await utimes(join(folder, "alone.lock"), before, before);
  expect(await alone("one", async () => 1, folder)).toBe(1);
});

test("the lock of a living process counts", async () => {
  await hold({ pid: process.pid, since: new Date(), what: "other" });
  await expect(alone("one", async () => 1, folder)).rejects.toThrow(LockedError);
});

test("runs that may be together are, and one that has to be alone is refused beside them, naming one", async () => {
  const both = together("the first", () => together("the second", async () => 2, folder), folder);
  expect(await both).toBe(2);
  const beside = () => alone("destroy", async () => 3, folder);
  await expect(together("a promote", beside, folder)).rejects.toThrow(/"a promote", process \d+, since/);
  await expect(alone("destroy", () => together("a promote", async () => 4, folder), folder)).rejects.toThrow(
    /"destroy"/,
  );
  expect(await readdir(folder)).toEqual([]);
});

test("what a killed run left does not keep one from being alone, and goes", async () => {
  const dead = { pid: 2 ** 22 - 3, since: new Date(), what: "x" };
  await writeFile(join(folder, "run-1-0.json"), JSON.stringify(dead));
  expect(await alone("one", async () => 1, folder)).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("the same thing is done by one after another, who are told whom they wait for", async () => {
  const told: string[] = [];
  let most = 0;
  let at = 0;
  const options = { folder, signal: new AbortController().signal, onWait: (text: string) => void told.push(text) };
  const one = (what: string) =>
    inTurn("commit", { ...options, what }, async () => {
      most = Math.max(most, ++at);
      await new Promise((resolve) => setTimeout(resolve, 20));
      at--;
    });
  await Promise.all(["one", "two", "three", "four"].map(one));
  expect(most).toBe(1);
  expect(told).toHaveLength(3);
  expect(told[0]).toMatch(/^Waiting for "\w+", process \d+$/);
  expect(await readdir(folder)).toEqual([]);
});

test("who is asked to stop while waiting does", async () => {
  const stop = new AbortController();
  const turnOf = { folder, what: "x", signal: stop.signal };
  await inTurn("commit", { ...turnOf, signal: new AbortController().signal }, async () => {
    const waiting = inTurn("commit", turnOf, async () => 1);
    stop.abort();
    await expect(waiting).rejects.toThrow("Interrupted");
  });
});
