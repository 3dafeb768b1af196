import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { LogFile } from "../../../pipeline/log-file.ts";

const folder = mkdtempSync(join(tmpdir(), "log-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the file holds what was written, for its owner only", () => {
  const log = new LogFile(join(folder, "a", "b.log"));
  log.write("one\n");
  log.note("two");
  log.close();
  expect(readFileSync(log.path, "utf8")).toBe("one\ntwo\n");
  expect(statSync(log.path).mode & 0o777).toBe(0o600);
});

test("the last lines include an unfinished one and leave out empty ones", () => {
  const log = new LogFile(join(folder, "tail.log"));
  log.write("one\n\ntw");
  log.write("o\nthr");
  expect(log.tail(2)).toEqual(["two", "thr"]);
  log.close();
});

test("a character that is cut in two comes out whole", () => {
  const log = new LogFile(join(folder, "cut.log"));
  const bytes = Buffer.from("ü\n");
  log.write(bytes.subarray(0, 1));
  log.write(bytes.subarray(1));
  expect(log.tail()).toEqual(["ü"]);
  log.close();
});

test("lines are safe to show", () => {
  const log = new LogFile(join(folder, "control.log"));
  log.write("a\x1b[2Jb\n");
  expect(log.tail()).toEqual(["ab"]);
  log.close();
});

test("a line without an end does not fill the memory", () => {
  const log = new LogFile(join(folder, "long.log"), 1_000);
  for (let i = 0; i < 100; i++) log.write("x".repeat(10_000));
  expect(log.tail()[0]?.length).toBe(1_000);
  log.close();
});
