import { expect, test } from "vitest";

import { StepFailure } from "../../../pipeline/errors.ts";
import { judge, type SuiteReport } from "../../../pipeline/suite.ts";

type File = SuiteReport["testResults"][number];

const passed = { fullName: "good", status: "passed", failureMessages: [] };
const failed = {
  fullName: "hello greets",
  status: "failed",
  failureMessages: ["AssertionError: expected 1 to be 2\n    at /x/a.test.ts:3:44\n\x1b[2J"],
};

function report(...files: Partial<File>[]): SuiteReport {
  const testResults = files.map((file) => ({
    name: "/x/a.test.ts",
    status: "passed",
    message: "",
    assertionResults: [],
    ...file,
  }));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const numPassedTests = tests.filter(({ status }) => status === "passed").length;
  const success = testResults.length > 0 && testResults.every(({ status }) => status === "passed");
  return { numTotalTests: tests.length, numPassedTests, success, testResults };
}

const failureOf = (given: SuiteReport | undefined, exitCode = 1): StepFailure => {
  try {
    judge(given, exitCode, "/x", ["the log"]);
  } catch (error) {
    if (error instanceof StepFailure) return error;
  }
  throw new Error("it passed");
};

test("a suite whose tests all passed is good", () => {
  expect(() => judge(report({ assertionResults: [passed] }), 0, "/x", [])).not.toThrow();
});

test("failing tests are listed by name with their message", () => {
  const failure = failureOf(
    report({ status: "failed", assertionResults: [passed, failed, { ...failed, fullName: "other" }] }),
  );
  expect(failure.message).toBe('"hello greets" and 1 more failed');
  expect(failure.details.slice(0, 2)).toEqual(["✗ hello greets", "    AssertionError: expected 1 to be 2"]);
});

test("a file that cannot be loaded is a failure by the file's name", () => {
  const failure = failureOf(report({ status: "failed", message: "Cannot find module './nope.ts'" }));
  expect(failure.message).toBe('"a.test.ts" failed');
});

test.each([
  ["no test at all", report(), 1, "The suite holds no test, so it proves nothing"],
  [
    "skipped tests only",
    report({ assertionResults: [{ ...passed, status: "skipped" }] }),
    0,
    "Every test was skipped, so nothing is proved",
  ],
  ["a suite that crashed", undefined, 1, "The suite did not run to its end"],
  ["an error outside the tests", report({ assertionResults: [passed] }), 1, "The suite failed outside its tests"],
])("%s is a failure", (_, given, exitCode, message) => {
  const failure = failureOf(given, exitCode);
  expect(failure.message).toBe(message);
  expect(failure.details).toEqual(["the log"]);
});
