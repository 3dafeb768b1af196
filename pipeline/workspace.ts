import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";

import { projectRoot, projectVariable } from "../settings/project.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { type Release, releaseVariable } from "../settings/release.ts";
import { prepareBackend } from "./backend.ts";
import type { LogFile } from "./log-file.ts";
import { pulumiCommand, runPulumi } from "./pulumi-command.ts";
import { stackIsMissing } from "./pulumi-errors.ts";
import type { State } from "./stack-state.ts";

export interface WorkspaceOptions {
  /** The release to hand to the program; without one it keeps what runs. */
  release?: Release | undefined;
  /** The folder whose programs and settings are run, such as a commit's checkout. The working tree's by default. */
  program?: string | undefined;
  signal?: AbortSignal | undefined;
  log?: LogFile | undefined;
}

/** A workspace on this project's stacks: the same programs, state and settings that `pulumi` by hand works on. */
export async function openWorkspace(options: WorkspaceOptions = {}): Promise<LocalWorkspace> {
  await prepareBackend();
  const command = await pulumiCommand(options);
  const workDir = options.program ?? projectRoot;
  const envVars = {
    ...pulumiEnvironment(),
    ...(options.program ? { [projectVariable]: projectRoot } : {}),
    ...(options.release ? { [releaseVariable]: JSON.stringify(options.release) } : {}),
  };
  const workspace = await LocalWorkspace.create({ workDir, pulumiCommand: command, envVars });
  return Object.assign(workspace, unasked);
}

const nothing = (): Promise<undefined> => Promise.resolve(undefined);

/**
 * What the Automation API asks the CLI before and after every operation, a third of a second each, and nobody here needs:
 * whether the stack is there, which its state tells, and its outputs, which the operation's events tell.
 */
const unasked = { selectStack: nothing, stackOutputs: () => Promise.resolve({}) };

/** Nor its history with all its secrets. */
const withoutHistory = (stack: Stack): Stack => Object.assign(stack, { info: nothing });

/** A stack that exists, and its state with secrets encrypted: decrypting them takes longer than all the rest. */
export interface FoundStack {
  stack: Stack;
  state: State;
}

/** Opens a stack that exists; undefined when it does not. */
export async function findStack(name: string, options: WorkspaceOptions = {}): Promise<FoundStack | undefined> {
  const workspace = await openWorkspace(options);
  const exported = await runPulumi(workspace, ["stack", "export", "--stack", name]).catch((error: unknown) => {
    if (stackIsMissing(error)) return undefined;
    throw error;
  });
  if (exported === undefined) return undefined;
  const { deployment } = JSON.parse(exported) as { deployment: State | null };
  return { stack: withoutHistory(await Stack.select(name, workspace)), state: deployment ?? {} };
}

/** Opens a stack, making it when there is none. */
export async function openStack(name: string, options: WorkspaceOptions = {}): Promise<FoundStack> {
  const found = await findStack(name, options);
  if (found) return found;
  return { stack: withoutHistory(await Stack.create(name, await openWorkspace(options))), state: {} };
}
