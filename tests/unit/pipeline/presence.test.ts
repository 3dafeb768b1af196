import { mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { isPresent, keepTouching, present } from "../../../pipeline/presence.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "presence-"));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1_000);
const gone = 2 ** 22 - 3;

test("where processes can be looked for, that decides and the file does not", () => {
  expect(isPresent(present(), new Date(), ago(3_600))).toBe(true);
  expect(isPresent(present(gone), new Date(), new Date())).toBe(false);
  expect(isPresent({ pid: process.pid }, new Date(), ago(3_600))).toBe(true);
});

test("one of another space of numbers is there as long as it touches its file, whoever has its number here", () => {
  const elsewhere = { pid: process.pid, space: "pid:[1]" };
  expect(isPresent(elsewhere, ago(3_600), ago(10))).toBe(true);
  expect(isPresent(elsewhere, new Date(), ago(31))).toBe(false);
  expect(isPresent({ ...elsewhere, pid: gone }, ago(3_600), ago(10))).toBe(true);
});

test("a file is touched until that is ended", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const file = join(folder, "run.json");
  await writeFile(file, "");
  const touched = async (): Promise<boolean> => (await stat(file)).mtimeMs > Date.now() - 60_000;
  await utimes(file, ago(3_600), ago(3_600));
  const end = keepTouching(file);
  vi.advanceTimersByTime(5_000);
  await vi.waitFor(async () => expect(await touched()).toBe(true));
  end();
  await utimes(file, ago(3_600), ago(3_600));
  vi.advanceTimersByTime(60_000);
  expect(await touched()).toBe(false);
});
