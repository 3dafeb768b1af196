import { existsSync } from "node:fs";
import { join } from "node:path";

import { projectRoot, pulumiBin } from "../settings/project.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { keepingSettings, prepareBackend } from "./backend.ts";
import { PrerequisiteError } from "./errors.ts";
import { explain, stackIsMissing } from "./pulumi-errors.ts";
import { runCommand } from "./run-command.ts";

let prepared: Promise<void> | undefined;

/**
 * What Pulumi's CLI prints about a stack, as JSON, without the Automation API, which takes longer to load than all the rest. Secrets
 * stay encrypted.
 * @param args `stack history`, `stack export`, …: what only looks
 * @returns undefined when there is no such stack
 * @throws PrerequisiteError when Pulumi cannot tell
 */
export async function askPulumi(stack: string, args: readonly string[], signal?: AbortSignal): Promise<unknown> {
  prepared ??= prepareBackend();
  await prepared;
  const pinned = join(pulumiBin(), "pulumi");
  const command = [existsSync(pinned) ? pinned : "pulumi", ...args, "--stack", stack, "--non-interactive"];
  const run = () => runCommand(command, { cwd: projectRoot, env: pulumiEnvironment(), signal });
  const { exitCode, stdout, stderr } = await keepingSettings(stack, run);
  if (exitCode === 0) return JSON.parse(stdout);
  if (stackIsMissing(stderr)) return undefined;
  const { reason, next = "npm run promote -- doctor" } = explain([], stderr);
  throw new PrerequisiteError(`Pulumi cannot tell about ${stack}: ${reason}`, { next });
}
