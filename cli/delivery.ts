import { resolve } from "node:path";
import { z } from "zod";

import { tokenFileVariable, tokenVariable, urlVariable } from "../pipeline/commit-status/host.ts";
import { commitStatus, statusOf } from "../pipeline/commit-status/state.ts";
import { isRemote } from "../pipeline/remote-source.ts";
import { runCommand } from "../pipeline/run-command.ts";
import { conclusionFrom } from "../pipeline/watch/knowledge.ts";
import type { DeliveryEnd } from "../pipeline/watch/watch.ts";
import { environments } from "../settings/environment.ts";
import { projectRoot } from "../settings/project.ts";
import { exitCodes } from "./exit-codes.ts";

/** The parts of a promotion's result that are read here. */
const schema = z.object({
  outcome: z.enum(["ready", "deployed", "declined", "rejected", "superseded", "failed"]),
  steps: z.array(
    z.object({
      number: z.number(),
      name: z.string(),
      environment: z.enum(environments).optional(),
      outcome: z.enum(["passed", "skipped", "waived", "failed", "not reached"]),
      reason: z.string().optional(),
    }),
  ),
  rejection: z.object({ signer: z.string(), reason: z.string().optional() }).optional(),
  held: z.string().optional(),
  supersededBy: z.string().optional(),
});

export interface DeliveryProcessOptions {
  continuous: boolean;
  description?: string | undefined;
  source?: string | undefined;
  signal: AbortSignal;
  /** Takes what the delivery tells, line by line. */
  onLine: (line: string) => void;
}

/** A delivery that is asked to stop lets the rollout that goes on end first. */
const stop = { signal: "SIGTERM", graceSeconds: 150 } as const;

/** Who starts a delivery reports how the commit stands. */
const unreported = { [urlVariable]: undefined, [tokenVariable]: undefined, [tokenFileVariable]: undefined };

const args = (commit: string, { continuous, description, source }: DeliveryProcessOptions): string[] => [
  "deliver",
  "--json",
  ...(continuous ? ["--continuous"] : []),
  ...(source === undefined ? [] : ["--source", isRemote(source) ? source : resolve(source)]),
  ...(description === undefined ? [] : ["--description", description]),
  "--",
  commit,
];

/**
 * Delivers a commit as `npm run promote` does, in a process of its own: what leaks or crashes in one delivery is gone with it, and
 * each begins with the program as it is by then, so that it can be updated while a branch is followed.
 * @throws InterruptedError once the signal was aborted and the delivery has ended
 */
export async function deliverInProcess(commit: string, options: DeliveryProcessOptions): Promise<DeliveryEnd> {
  const lines = splitter(options.onLine);
  const { exitCode, stdout } = await runCommand(
    [process.execPath, "setup/start.mjs", "cli/main.ts", ...args(commit, options)],
    { cwd: projectRoot, env: unreported, onError: lines.take, signal: options.signal, stop },
  );
  lines.end();
  return endOf(exitCode, stdout);
}

/** What a delivery process came to, by its exit code and what it printed. */
export function endOf(exitCode: number | undefined, stdout: string): DeliveryEnd {
  const result = resultIn(stdout);
  if (result) return { conclusion: conclusionFrom(result.outcome), held: result.held, status: statusOf(result) };
  // What is wrong with a commit's settings is as much a no to it as that of a step.
  if (exitCode === exitCodes.usage) {
    return { conclusion: "failed", status: commitStatus("failure", "Its settings are wrong: nothing was done") };
  }
  return { conclusion: undefined, status: commitStatus("error", troubles.get(exitCode) ?? "A fault of the tool") };
}

const troubles = new Map<number | undefined, string>([
  [exitCodes.prerequisite, "Something is missing on the machine that delivers it"],
  [exitCodes.locked, "Another run is at it"],
  [exitCodes.interrupted, "Interrupted"],
  [undefined, "Its delivery was killed"],
]);

function resultIn(stdout: string): z.output<typeof schema> | undefined {
  try {
    return schema.parse(JSON.parse(stdout));
  } catch {
    return undefined;
  }
}

/** Cuts chunks of text into lines. */
function splitter(onLine: (line: string) => void) {
  let rest = "";
  return {
    take(chunk: string): void {
      const lines = (rest + chunk).split("\n");
      rest = (lines.pop() ?? "").slice(-10_000);
      for (const line of lines) onLine(line);
    },
    end(): void {
      if (rest !== "") onLine(rest);
    },
  };
}
