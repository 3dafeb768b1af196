import { join } from "node:path";

import { applicationVariable } from "../settings/handed-application.ts";
import { projectRoot } from "../settings/project.ts";
import { StepFailure } from "./errors.ts";
import type { LogFile } from "./log-file.ts";
import { plainLine } from "./plain-text.ts";
import { runCommand } from "./run-command.ts";

interface CheckOptions {
  /** The checkout. */
  root: string;
  /** Where delivery.yaml is in it. */
  description: string;
  log: LogFile;
  signal: AbortSignal;
}

/**
 * Has a commit's stack file read as every environment will read it, so that what is wrong with it is told before anything is built.
 * @throws StepFailure with each problem's file and line
 */
export async function assertStackFile({ root, description, log, signal }: CheckOptions): Promise<void> {
  const { exitCode, stderr } = await runCommand([process.execPath, join(projectRoot, "stacks", "check.ts")], {
    cwd: projectRoot,
    env: { [applicationVariable]: JSON.stringify({ root, description }) },
    log,
    signal,
    timeoutSeconds: 60,
  });
  if (exitCode === 0) return;
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const [reason = "The stack file could not be read", ...details] = lines.map((line) => plainLine(line, 400));
  throw new StepFailure(reason.replace(/:$/, ""), { details });
}
