import type { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";

import { applicationVariable } from "../settings/handed-application.ts";
import { projectRoot, projectVariable } from "../settings/project.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { type Release, releaseVariable } from "../settings/release.ts";
import { prepareBackend } from "./backend.ts";
import { handedTo } from "./handed.ts";
import type { Custody } from "./locks.ts";
import type { LogFile } from "./log-file.ts";
import { pulumiCommand } from "./pulumi-command.ts";
import { stackIsThere } from "./pulumi-errors.ts";
import { readState, type State } from "./stack-state.ts";

export interface WorkspaceOptions {
  /** The release to hand to the program; without one it keeps what runs. */
  release?: Release | undefined;
  /**
   * The folder whose programs and settings are run, such as a commit's checkout, or whose files an application of its own is
   * declared from. The working tree's by default.
   */
  program?: string | undefined;
  /** Variables for the program beside these. */
  env?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  log?: LogFile | undefined;
  /** Where the stack is this run's alone. */
  custody?: Custody | undefined;
  /** Whether all else comes first where processors are short. */
  yields?: boolean | undefined;
}

/** The Automation API, which takes longer to load than all that does without it. */
const automation = () => import("@pulumi/pulumi/automation/index.js");

/**
 * A workspace on this project's stacks: the same programs, state and settings that `pulumi` by hand works on.
 * @param name the stack that it is for, where it is for one
 */
export async function openWorkspace(options: WorkspaceOptions = {}, name?: string): Promise<LocalWorkspace> {
  await prepareBackend();
  const command = await pulumiCommand(options);
  const handed = name === undefined ? undefined : await handedTo(name, options.program);
  // An application of its own has files, and the program that declares them is the project's.
  const program = handed ? undefined : options.program;
  const workDir = program ?? projectRoot;
  const envVars = {
    ...pulumiEnvironment(),
    ...(program ? { [projectVariable]: projectRoot } : {}),
    ...(handed ? { [applicationVariable]: JSON.stringify(handed) } : {}),
    ...(options.release ? { [releaseVariable]: JSON.stringify(options.release) } : {}),
    ...options.env,
  };
  const { LocalWorkspace } = await automation();
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

/** Makes a stack where there is none yet. */
export async function createStack(name: string, workspace: LocalWorkspace): Promise<Stack> {
  const { Stack } = await automation();
  return withoutHistory(await Stack.create(name, workspace));
}

async function select(name: string, options: WorkspaceOptions): Promise<Stack> {
  const { Stack } = await automation();
  return withoutHistory(await Stack.select(name, await openWorkspace(options, name)));
}

/** Opens a stack of a program in a folder of its own, which may be another project; makes it when there is none. */
export async function openProgram(name: string, options: WorkspaceOptions): Promise<Stack> {
  const workspace = await openWorkspace(options);
  return createStack(name, workspace).catch(async (error: unknown) => {
    if (!stackIsThere(error)) throw error;
    const { Stack } = await automation();
    return withoutHistory(await Stack.select(name, workspace));
  });
}

/** Opens a stack that exists; undefined when it does not. */
export async function findStack(name: string, options: WorkspaceOptions = {}): Promise<FoundStack | undefined> {
  const state = await readState(name, options.signal);
  return state && { stack: await select(name, options), state };
}

/**
 * Opens a stack, making it when there is none.
 * @param state what it is known to hold, if that was read just now
 */
export async function openStack(name: string, options: WorkspaceOptions = {}, state?: State): Promise<FoundStack> {
  if (state) return { stack: await select(name, options), state };
  const found = await findStack(name, options);
  return found ?? { stack: await createStack(name, await openWorkspace(options, name)), state: {} };
}
