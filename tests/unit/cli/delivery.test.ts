import { expect, test } from "vitest";

import { endOf } from "../../../cli/delivery.ts";

const result = (outcome: string, steps: object[] = []) => JSON.stringify({ outcome, steps, more: true });
const failed = [{ number: 2, name: "unit tests", outcome: "failed", seconds: 1, reason: "no" }];

test.each([
  ["deployed", 0, result("deployed"), "deployed", "success"],
  ["ready", 0, result("ready"), "ready", "success"],
  ["rejected", 4, result("rejected"), "rejected", "failure"],
  ["superseded", 6, result("superseded"), "superseded", "error"],
  ["failed", 12, result("failed", failed), "failed", "failure"],
  ["wrong settings", 2, "", "failed", "failure"],
  ["a fault", 1, "", undefined, "error"],
  ["something missing", 3, "", undefined, "error"],
  ["another run", 5, "", undefined, "error"],
  ["an interruption", 130, "", undefined, "error"],
  ["a killed process", undefined, "", undefined, "error"],
  ["a process killed while it printed", undefined, '{"outcome": "depl', undefined, "error"],
  ["something else than a result", 0, '{"outcome": "perfect"}', undefined, "error"],
])("%s is told apart", (_, exitCode, stdout, conclusion, state) => {
  expect(endOf(exitCode, stdout)).toMatchObject({ conclusion, status: { state } });
});
