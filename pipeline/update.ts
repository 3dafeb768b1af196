import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

import type { Release } from "../settings/release.ts";
import { InterruptedError, PipelineError, StepFailure } from "./errors.ts";
import type { Progress } from "./events.ts";
import { type Custody, unlocked } from "./locks.ts";
import type { LogFile } from "./log-file.ts";
import { recoverPending } from "./pending-operations.ts";
import { PulumiCommandError } from "./pulumi-command.ts";
import { type Diagnostic, diagnosticOf, explain, resourceTitle } from "./pulumi-errors.ts";
import { type State, stackType } from "./stack-state.ts";
import { type FoundStack, openStack } from "./workspace.ts";

export interface UpdateOptions {
  message: string;
  signal: AbortSignal;
  log: LogFile;
  progress: Progress;
  release?: Release;
  /** What the stack is known to hold, if that was read just now. */
  state?: State | undefined;
  /** The folder whose programs and settings are run. The working tree's by default. */
  program?: string;
  /** Called before the first thing is changed. */
  onChange?: (() => void) | undefined;
  /** Where the stack is this run's alone. */
  custody?: Custody | undefined;
  /** Whether all else comes first where processors are short. Default false. */
  yields?: boolean;
  /** Variables for the program beside those that all have. */
  env?: Record<string, string>;
  /** What is neither looked at nor changed, by URN; `**` stands for anything. */
  exclude?: string[];
  /** Whether Pulumi looks at what there is first; false where that was just compared with what it knows. Default true. */
  refresh?: boolean | undefined;
  /** Do again every command whose result was one of these, since what it made is gone. */
  replaceWhereStdout?: readonly string[];
}

const verbs: Record<string, string> = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  replace: "replacing",
  "create-replacement": "replacing",
  "delete-replaced": "removing the old",
  refresh: "looking at",
};

/** What an event says is going on, for the one line of detail under the current step. */
export function activityOf(event: EngineEvent): string | undefined {
  const metadata = event.resourcePreEvent?.metadata;
  const verb = verbs[metadata?.op ?? ""];
  const resource = resourceTitle(metadata?.urn);
  return verb && resource ? `${verb} ${resource}` : undefined;
}

/** What Pulumi does to a resource without changing it. */
const harmless = ["same", "refresh", "read"];

/** Whether an event says that something is about to be changed. */
export const announcesChange = ({ resourcePreEvent: pre }: EngineEvent): boolean =>
  pre !== undefined && !harmless.includes(pre.metadata.op);

/** Follows an operation's events: errors and the stack's outputs are kept, what goes on is told. */
export function follower(progress: Progress, onChange: () => void = () => {}) {
  const diagnostics: Diagnostic[] = [];
  const steps: StepEventMetadata[] = [];
  let outputs: Record<string, unknown> = {};
  const onEvent = (event: EngineEvent): void => {
    const diagnostic = diagnosticOf(event);
    if (diagnostic) diagnostics.push(diagnostic);
    if (event.resourcePreEvent) steps.push(event.resourcePreEvent.metadata);
    if (announcesChange(event)) onChange();
    const done = event.resOutputsEvent?.metadata;
    if (done?.type === stackType) outputs = done.new?.outputs ?? {};
    const text = activityOf(event);
    if (text) progress({ type: "detail", text });
  };
  return { diagnostics, steps, onEvent, outputs: () => outputs };
}

/** A failed operation as the failure of a step; what is not about the operation itself passes through. */
export function failureOf(diagnostics: readonly Diagnostic[], error: unknown): Error {
  if (error instanceof PipelineError) return error;
  const { reason, details, next } = explain(diagnostics, error);
  return new StepFailure(reason, { details, cause: error, ...(next ? { next } : {}) });
}

/** The flag `--refresh=false`, which the Automation API cannot pass; without it, Pulumi.yaml decides. */
const unrefreshed = { PULUMI_OPTION_REFRESH: "false" };

/** The commands whose result was one of `results`. */
const commandsWith = ({ resources = [] }: State, results: readonly string[]): string[] =>
  resources.filter(({ outputs }) => results.includes(String(outputs?.stdout))).map(({ urn }) => urn);

/** What an update came to. */
export interface Updated {
  outputs: Record<string, unknown>;
  /** What it did to each resource. */
  steps: readonly StepEventMetadata[];
}

async function up(found: FoundStack, options: UpdateOptions): Promise<Updated> {
  const { stack, state } = found;
  // Whoever was killed in the middle of an update has left its lock, too.
  await unlocked(stack, options.progress, () => recoverPending(found), options.custody);
  const followed = follower(options.progress, options.onChange);
  const replace = commandsWith(state, options.replaceWhereStdout ?? []);
  if (options.signal.aborted) throw new InterruptedError();
  try {
    const { message, exclude = [] } = options;
    const run = () => stack.up({ message, onEvent: followed.onEvent, replace, exclude });
    await unlocked(stack, options.progress, run, options.custody);
    options.custody?.cleared();
    return { outputs: followed.outputs(), steps: followed.steps };
  } catch (error) {
    throw failureOf(followed.diagnostics, error);
  }
}

/**
 * Brings a stack up, making it when there is none.
 * @throws StepFailure in words: which resource, why, what to do
 */
export async function update(name: string, options: UpdateOptions): Promise<Updated> {
  try {
    const env = { ...options.env, ...(options.refresh === false ? unrefreshed : {}) };
    return await up(await openStack(name, { ...options, env }, options.state), options);
  } catch (error) {
    throw error instanceof PulumiCommandError ? failureOf([], error) : error;
  }
}
