import { expect, test } from "vitest";

import { failureOf } from "../../../cli/failure.ts";
import { InterruptedError, LockedError, PrerequisiteError, StepFailure, UsageError } from "../../../pipeline/errors.ts";
import { SettingsError } from "../../../settings/errors.ts";
import { SetupError } from "../../../setup/errors.ts";

test.each([
  ["wrong usage", new UsageError("no"), 2],
  ["wrong settings", new SettingsError("Pulumi.x.yaml", []), 2],
  ["a missing prerequisite", new PrerequisiteError("no"), 3],
  ["a set-up that cannot go on", new SetupError("no", "do this"), 3],
  ["an engine that fails outside a step", new StepFailure("no"), 3],
  ["another run", new LockedError("no"), 5],
  ["an interruption", new InterruptedError(), 130],
  ["a fault of our own", new TypeError("no"), 1],
])("%s has its exit code", async (_, error, code) => {
  expect((await failureOf(error)).code).toBe(code);
});

test("the next command is told", async () => {
  const { lines } = await failureOf(new UsageError("no", { next: "git fetch" }));
  expect(lines).toEqual(["no", "  Next: git fetch"]);
});

test("only a fault of our own shows where in the code it happened", async () => {
  expect((await failureOf(new TypeError("no"))).lines.join("\n")).toContain("failure.test.ts");
  expect((await failureOf(new UsageError("no"))).lines.join("\n")).not.toContain("failure.test.ts");
});

test("control characters cannot reach the terminal", async () => {
  expect((await failureOf(new UsageError("a\x1b[2Jb"))).lines).toEqual(["ab"]);
});
