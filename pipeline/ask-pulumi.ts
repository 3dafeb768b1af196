import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

import { projectRoot, pulumiBin } from "../settings/project.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { keepingSettings, prepareBackend } from "./backend.ts";
import { PrerequisiteError } from "./errors.ts";
import { explain, stackIsMissing } from "./pulumi-errors.ts";
import { runCommand } from "./run-command.ts";

let prepared: Promise<void> | undefined;

/** Runs the CLI to look, without the Automation API, which takes longer to load than all the rest. */
async function look(args: readonly string[], signal: AbortSignal | undefined) {
  prepared ??= prepareBackend();
  await prepared;
  const pinned = join(pulumiBin(), "pulumi");
  const command = [existsSync(pinned) ? pinned : "pulumi", ...args, "--non-interactive"];
  return runCommand(command, { cwd: projectRoot, env: pulumiEnvironment(), signal });
}

function unknown(what: string, printed: string): PrerequisiteError {
  const { reason, next = "npm run promote -- doctor" } = explain([], printed);
  return new PrerequisiteError(`Pulumi cannot tell about ${what}: ${reason}`, { next });
}

/**
 * What Pulumi's CLI prints about a stack, as JSON. Secrets stay encrypted.
 * @param args `stack history`, `stack export`, …: what only looks
 * @returns undefined when there is no such stack
 * @throws PrerequisiteError when Pulumi cannot tell
 */
export async function askPulumi(stack: string, args: readonly string[], signal?: AbortSignal): Promise<unknown> {
  const run = () => look([...args, "--stack", stack], signal);
  const { exitCode, stdout, stderr } = await keepingSettings(stack, run);
  if (exitCode === 0) return JSON.parse(stdout);
  if (stackIsMissing(stderr)) return undefined;
  throw unknown(stack, stderr);
}

const stackList = z.array(z.object({ name: z.string() }));

/**
 * The names of the project's stacks.
 * @throws PrerequisiteError when Pulumi cannot tell
 */
export async function stackNames(signal?: AbortSignal): Promise<string[]> {
  const { exitCode, stdout, stderr } = await look(["stack", "ls", "--json"], signal);
  if (exitCode !== 0) throw unknown("the stacks that there are", stderr);
  return stackList.parse(JSON.parse(stdout)).map(({ name }) => name);
}
