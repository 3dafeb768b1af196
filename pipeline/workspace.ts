import { LocalWorkspace, type OutputMap, Stack } from "@pulumi/pulumi/automation/index.js";

import { projectRoot, projectVariable } from "../settings/project.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { type Release, releaseVariable } from "../settings/release.ts";
import { prepareBackend } from "./backend.ts";
import type { LogFile } from "./log-file.ts";
import { pulumiCommand, runPulumi } from "./pulumi-command.ts";
import { stackIsMissing } from "./pulumi-errors.ts";

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
  return Object.assign(workspace, { stackOutputs: readOutputs(workspace) });
}

/** The Automation API asks twice, the second time for secrets in clear, which nobody here needs. */
const readOutputs = (workspace: LocalWorkspace) => async (stack: string) => {
  const printed = await runPulumi(workspace, ["stack", "output", "--json", "--stack", stack]);
  const outputs = Object.entries(JSON.parse(printed) as Record<string, unknown>);
  return Object.fromEntries(outputs.map(([key, value]) => [key, { value, secret: value === "[secret]" }])) as OutputMap;
};

/** What follows every operation by default, and nobody here reads, is the history with its secrets. */
const withoutHistory = (stack: Stack): Stack => Object.assign(stack, { info: () => Promise.resolve(undefined) });

/** Opens a stack that exists; undefined when it does not. */
export async function findStack(name: string, options: WorkspaceOptions = {}): Promise<Stack | undefined> {
  const workspace = await openWorkspace(options);
  return Stack.select(name, workspace).then(withoutHistory, (error: unknown) => {
    if (stackIsMissing(error)) return undefined;
    throw error;
  });
}

/** Opens a stack, making it when there is none. */
export async function openStack(name: string, options: WorkspaceOptions = {}): Promise<Stack> {
  return (await findStack(name, options)) ?? withoutHistory(await Stack.create(name, await openWorkspace(options)));
}

/** A stack's outputs as plain values; undefined when there is no such stack or nothing was deployed by it. */
export async function stackOutputs(
  name: string,
  options: WorkspaceOptions = {},
): Promise<Record<string, unknown> | undefined> {
  const workspace = await openWorkspace(options);
  const outputs = await workspace.stackOutputs(name).catch((error: unknown) => {
    if (stackIsMissing(error)) return undefined;
    throw error;
  });
  if (!outputs || Object.keys(outputs).length === 0) return undefined;
  return Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value as unknown]));
}
