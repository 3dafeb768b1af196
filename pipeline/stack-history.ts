import { z } from "zod";

import { stackIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { askPulumi } from "./ask-pulumi.ts";

/** Of configuration, which Pulumi's history holds too, nothing is read. */
const schema = z.array(
  z.object({
    kind: z.string(),
    startTime: z.coerce.date(),
    endTime: z.coerce.date(),
    result: z.string(),
    message: z.string().default(""),
    environment: z.record(z.string(), z.string()).default({}),
    resourceChanges: z.record(z.string(), z.number()).default({}),
  }),
);

/** One entry of Pulumi's own history of a stack. Pulumi's times are whole seconds. */
export interface StackUpdate {
  /** `update`, `destroy`, `refresh`, … */
  kind: string;
  startedOn: Date;
  finishedOn: Date;
  /** `succeeded`, `failed`, … */
  result: string;
  message: string;
  /** Whether a person ran `pulumi`, rather than the driver. */
  byHand: boolean;
  /** Who, as far as their shell said it: `promote env` lets it. */
  runBy?: string;
  /** How many resources were created, updated, deleted, … */
  changes: Record<string, number>;
}

/** The variable that hands Pulumi's `--exec-agent` over, which it notes in its history. */
export const agentVariable = "PULUMI_OPTION_EXEC_AGENT";

const harmless = ["same", "refresh", "read"];

/** Reads what `pulumi stack history --json` prints. */
export function parseHistory(printed: unknown): StackUpdate[] {
  return schema.parse(printed).map((entry) => {
    const { "exec.kind": kind, "exec.agent": agent } = entry.environment;
    const changes = Object.entries(entry.resourceChanges).filter(([change]) => !harmless.includes(change));
    return {
      kind: entry.kind,
      startedOn: entry.startTime,
      finishedOn: entry.endTime,
      result: entry.result,
      message: entry.message,
      byHand: kind === "cli",
      ...(agent ? { runBy: agent } : {}),
      changes: Object.fromEntries(changes),
    };
  });
}

/**
 * What Pulumi did to an environment's stack, newest first, in whatever backend that is; none where there is no such stack. Its
 * secrets stay encrypted.
 * @param limit how many at most
 */
export async function stackHistory(
  environment: EnvironmentName,
  limit: number,
  signal?: AbortSignal,
): Promise<StackUpdate[]> {
  const args = ["stack", "history", "--json", "--page-size", String(limit), "--page", "1"];
  return parseHistory((await askPulumi(stackIn(environment), args, signal)) ?? []);
}
