import { expect, test } from "vitest";

import { commitStatus, statusOf } from "../../../../pipeline/commit-status/state.ts";

const failed = (reason: string) => [{ number: 2, name: "unit tests", outcome: "failed" as const, reason }];

test.each([
  ["deployed", [], undefined, "success", "Runs in production"],
  ["ready", [], undefined, "success", "Ready for production"],
  ["declined", [], undefined, "success", "Ready for production"],
  ["rejected", [], { signer: "Ann", reason: "not now" }, "failure", "Rejected for production by Ann: not now"],
  ["rejected", [], { signer: "Ann" }, "failure", "Rejected for production by Ann"],
  ["failed", failed("3 tests failed"), undefined, "failure", "Step 2/9 unit tests said no: 3 tests failed"],
] as const)("%s is told in the words of a code host", (outcome, steps, rejection, state, description) => {
  expect(statusOf({ outcome, steps, rejection })).toEqual({ state, description });
});

test("that production is closed, or what came in its place, is told", () => {
  expect(statusOf({ outcome: "ready", steps: [], held: "production is frozen" }).description).toBe(
    "Ready for production; production is frozen",
  );
  const supersededBy = "0123456789".repeat(4);
  expect(statusOf({ outcome: "superseded", steps: [], supersededBy })).toEqual({
    state: "error",
    description: "Gave way to 012345678901",
  });
});

test("the environment of a failed step is named", () => {
  const step = { number: 5, name: "functional tests", environment: "staging" as const, outcome: "failed" as const };
  expect(statusOf({ outcome: "failed", steps: [step] }).description).toContain("5/9 functional tests in staging");
});

test("what others wrote is one line of at most 140 characters, without control characters, its HTML left as text", () => {
  const hostile = `<img src=x onerror=alert(1)>\u001b[2J\u001b]0;title\u0007\u202e\n${"long ".repeat(60)}`;
  const { description } = statusOf({ outcome: "failed", steps: failed(hostile) });
  expect(description).toContain("<img src=x onerror=alert(1)>");
  expect(description).toHaveLength(140);
  expect(description).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});

test("a description is cut, not refused", () => {
  expect(commitStatus("error", "x".repeat(141)).description).toBe(`${"x".repeat(139)}…`);
});
