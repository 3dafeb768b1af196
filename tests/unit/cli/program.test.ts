import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

import { projectRoot } from "../../../settings/project.ts";

const run = promisify(execFile);

const promote = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  run(process.execPath, [join(projectRoot, "cli", "main.ts"), ...args], { cwd: projectRoot }).then(
    (done) => ({ code: 0, ...done }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

test("--help is quick, complete and no error", async () => {
  const { code, stdout } = await promote("--help");
  expect(code).toBe(0);
  for (const command of ["deliver", "status", "preview", "history", "destroy", "env", "doctor", "Exit codes"]) {
    expect(stdout).toContain(command);
  }
});

test.each([
  ["an unknown option", ["--nope"], "unknown option '--nope'"],
  ["an unknown option of a command", ["status", "--nope"], "unknown option '--nope'"],
  ["too many arguments", ["HEAD", "HEAD"], "too many arguments"],
  ["an unknown environment", ["preview", "qa"], "Expected one of staging, prodlike, production"],
  ["a number that is none", ["history", "--limit", "0"], "Expected a whole number from 1 to 99999"],
])("%s is wrong usage", async (_, args, message) => {
  const { code, stderr } = await promote(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("    at ");
});
