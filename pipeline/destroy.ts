import type { Stack } from "@pulumi/pulumi/automation/index.js";

import { ownStacksOf, stackIn } from "../settings/delivered.ts";
import { environments, registryOf } from "../settings/environment.ts";
import { applicationStacks } from "./application-stacks.ts";
import { removeIfOnlySalt } from "./backend.ts";
import { PipelineError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { removeLeftovers } from "./leftovers.ts";
import { unlocked } from "./locks.ts";
import type { LogFile } from "./log-file.ts";
import { assertEngine } from "./preflight.ts";
import { logPath, withLog } from "./promotion.ts";
import { alone } from "./run-lock.ts";
import { stackSettings } from "./stack-settings.ts";
import { failureOf, follower } from "./update.ts";
import { findStack } from "./workspace.ts";

interface DestroyOptions {
  signal: AbortSignal;
  progress: Progress;
}

/** What `destroy` removed. */
export interface DestroyResult {
  stacks: string[];
  /** What the stacks did not know of any more, or could not remove. */
  leftovers: string[];
}

const reversed = environments.toReversed();

/** Each before what it uses: applications run in environments, and these use what the delivery stack made. */
async function allStacks(signal: AbortSignal): Promise<string[]> {
  return [...(await applicationStacks(signal)), ...reversed, "delivery"];
}

/** @returns why Pulumi could not do it, if it could not */
async function tearDown(stack: Stack, progress: Progress): Promise<Error | undefined> {
  const { diagnostics, onEvent } = follower(progress);
  const message = "destroy";
  return unlocked(stack, progress, () => stack.destroy({ message, onEvent, continueOnError: true })).then(
    () => undefined,
    (error: unknown) => failureOf(diagnostics, error),
  );
}

async function destroyStack(name: string, options: DestroyOptions, log: LogFile): Promise<boolean> {
  const { signal, progress } = options;
  const found = await findStack(name, { signal, log });
  if (!found) return false;
  const { stack } = found;
  const started = Date.now();
  progress({ type: "preparation-started", name: `remove ${name}` });
  const failure = await tearDown(stack, progress);
  // An interruption and somebody else's lock are no reasons to go on by force.
  if (failure instanceof PipelineError) throw failure;
  const seconds = (Date.now() - started) / 1_000;
  progress({ type: "preparation-ended", name: `remove ${name}`, seconds, failed: failure !== undefined });
  if (failure) {
    progress({
      type: "note",
      text: `Pulumi could not remove all of ${name} (${failure.message}); the rest goes by label.`,
    });
  }
  // The settings file is the repository's and stays.
  await stack.workspace.removeStack(name, { force: true, preserveConfig: true });
  await removeIfOnlySalt(name);
  return true;
}

/**
 * Removes an application of its own from all environments, and nothing else.
 * @returns the stacks that there were
 * @throws LockedError, InterruptedError, PrerequisiteError
 */
export const destroyApplication = (options: DestroyOptions): Promise<string[]> =>
  alone(`promote destroy ${ownStacksOf()}`, async () => {
    const removed: string[] = [];
    await withLog(logPath("destroy", `destroy-${ownStacksOf()}`), async (log) => {
      for (const name of reversed.map(stackIn)) if (await destroyStack(name, options, log)) removed.push(name);
    });
    return removed;
  });

/**
 * Removes all that the embedded default made on this machine, and nothing else. Works when half of it is gone already.
 * @throws LockedError, InterruptedError, PrerequisiteError
 */
export const destroy = (options: DestroyOptions): Promise<DestroyResult> =>
  alone("promote destroy", async () => {
    const engine = await assertEngine();
    const settings = await stackSettings().catch(() => undefined);
    const removed: string[] = [];
    await withLog(logPath("destroy", "destroy"), async (log) => {
      for (const name of await allStacks(options.signal))
        if (await destroyStack(name, options, log)) removed.push(name);
    });
    return { stacks: removed, leftovers: await removeLeftovers(engine, settings && registryOf(settings.delivery)) };
  });
