import { createHash } from "node:crypto";

import type { EnvironmentName, EnvironmentSettings } from "../settings/environment.ts";
import { settingsFor } from "./stack-settings.ts";

/** Who lets a release in, and when, says nothing of how it was tested. */
const rules: readonly string[] = [
  "approvers",
  "approveOwn",
  "approvalHours",
  "evidenceDays",
  "windows",
  "freezes",
  "drift",
] satisfies (keyof EnvironmentSettings)[];

/** SHA-256 of an environment's settings, as far as it matters to what is proved there. */
export function inputsIn(settings: EnvironmentSettings): string {
  const counting = Object.entries(settings).filter(([key]) => !rules.includes(key));
  const ordered = counting.toSorted(([one], [other]) => one.localeCompare(other));
  return createHash("sha256").update(JSON.stringify(ordered)).digest("hex");
}

/**
 * SHA-256 of what else a release is proved with in an environment: its settings, which a commit of the demo has in itself, and an
 * application of its own has not.
 */
export const environmentInputs = async (environment: EnvironmentName, checkout: string): Promise<string> =>
  inputsIn((await settingsFor(checkout)).environments[environment]);
