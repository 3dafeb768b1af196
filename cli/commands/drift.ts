import { drift as findDrift } from "../../pipeline/drift/drift.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines } from "../output.ts";
import { driftLines } from "../render/drift.ts";
import { setUp } from "../set-up.ts";

export interface DriftCommandOptions {
  /** All of them without it. */
  environment?: EnvironmentName;
  json?: boolean;
}

/** Shows where environments are not as Pulumi says. */
export const drift: Command<DriftCommandOptions> = async ({ environment, json }, { signal }) => {
  await setUp(signal);
  const environments = await findDrift(environment && [environment], signal);
  if (json) printJson({ environments });
  else printLines(...driftLines(environments));
  if (environments.some(({ state }) => state === "drifted")) return exitCodes.drifted;
  return environments.some(({ state }) => state === "unreachable") ? exitCodes.prerequisite : exitCodes.done;
};
