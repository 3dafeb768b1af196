import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

import { descendants, stillRuns } from "../../../pipeline/processes.ts";

test("children and grandchildren are found", async () => {
  const child = spawn("sh", ["-c", "sleep 30 & echo started; wait"], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  const below = descendants(process.pid);
  expect(below).toContain(child.pid);
  expect(descendants(child.pid ?? 0)).toHaveLength(1);
  for (const pid of below) if (pid === child.pid || descendants(child.pid ?? 0).includes(pid)) process.kill(pid);
});

test.each([
  ["this process, now", process.pid, new Date(), true],
  ["this process, long before it started", process.pid, new Date("2001-01-01"), false],
  ["a process that never was", 2 ** 22 - 3, new Date(), false],
])("%s", (_, pid, at, expected) => {
  expect(stillRuns(pid, at)).toBe(expected);
});
