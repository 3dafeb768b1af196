import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { LockedError } from "../../../pipeline/errors.ts";
import { alone } from "../../../pipeline/run-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

const hold = (holder: object): Promise<void> => writeFile(join(folder, "promote.lock"), JSON.stringify(holder));

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

test("the lock of a living process counts", async () => {
  await hold({ pid: process.pid, since: new Date(), what: "other" });
  await expect(alone("one", async () => 1, folder)).rejects.toThrow(LockedError);
});
