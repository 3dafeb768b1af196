import { expect, test } from "vitest";

import { exitCodes, exitCodesHelp, stepFailed } from "../../../cli/exit-codes.ts";

test("no two outcomes share an exit code", () => {
  const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(stepFailed);
  const all = [...Object.values(exitCodes), ...steps];
  expect(new Set(all).size).toBe(all.length);
});

test.each(Object.values(exitCodes))("--help explains %d", (code) => {
  expect(exitCodesHelp).toMatch(new RegExp(`^ +${code} +\\S`, "m"));
});

test("a failed step's code is ten more than its number", () => {
  expect([stepFailed(1), stepFailed(9)]).toEqual([11, 19]);
});
