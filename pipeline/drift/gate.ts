import type { EnvironmentName } from "../../settings/environment.ts";
import { StepFailure } from "../errors.ts";
import type { Progress } from "../events.ts";
import { needed, type Promotion } from "../promotion.ts";
import { stackHistory } from "../stack-history.ts";
import { inFolder, stackSettings } from "../stack-settings.ts";
import type { Difference } from "./compare.ts";
import { differencesIn } from "./drift.ts";
import { isMendedByPulumi, sentence } from "./words.ts";

export interface DriftGateOptions {
  /** The checkout of the commit whose settings count. */
  checkout: string;
  signal: AbortSignal;
  progress: Progress;
  /** Whether somebody has just been shown what differs, and agreed. */
  seen?: boolean;
}

/** Whether a person is behind it: Swarm itself goes back only from what Pulumi has failed to deploy. */
async function isByHand(
  environment: EnvironmentName,
  differences: readonly Difference[],
  signal: AbortSignal,
): Promise<boolean> {
  if (differences.length === 0) return false;
  if (differences.some(({ rolledBack }) => !rolledBack)) return true;
  const [last] = await stackHistory(environment, 1, signal);
  return last?.result === "succeeded";
}

/** How many differences are told; `promote drift` has all of them. */
const told = 10;

/**
 * Looks for what was changed in an environment by hand before a deployment puts it right. What Swarm itself has gone back to, after
 * an update that did not hold, is told and never stops anything: a deployment is what mends it.
 * @throws StepFailure where the environment's settings say so; nothing was changed then
 */
export async function driftGate(
  environment: EnvironmentName,
  { checkout, signal, progress, seen = false }: DriftGateOptions,
): Promise<void> {
  const { drift: policy } = (await stackSettings(inFolder(checkout))).environments[environment];
  if (policy === "repair" && seen) return;
  const differences = await differencesIn(environment, signal);
  if (policy === "stop" && (await isByHand(environment, differences, signal))) {
    throw new StepFailure(`${environment} is not as Pulumi says, and its setting slipway:drift is stop`, {
      details: differences.map(sentence),
      next: `npm run promote -- drift ${environment}`,
    });
  }
  if (seen) return;
  for (const one of differences.slice(0, told)) {
    progress({
      type: "note",
      text: `Drift, ${isMendedByPulumi(one) ? "put right now" : "left as it is"}: ${sentence(one)}`,
    });
  }
  const more = differences.length - told;
  if (more > 0) progress({ type: "note", text: `… and ${more} more: npm run promote -- drift ${environment}` });
}

/**
 * The same before a step deploys to an environment. One that does not deploy has nothing to be gone back from.
 * @throws StepFailure
 */
export async function driftGateOf(environment: EnvironmentName, promotion: Promotion): Promise<void> {
  const { signal, progress, shown: seen = false } = promotion;
  const checkout = needed(promotion, "checkout");
  await driftGate(environment, { checkout, signal, progress, seen: seen && environment === "production" }).catch(
    (error: unknown) => {
      delete promotion.before;
      delete promotion.prodlikeBefore;
      throw error;
    },
  );
}
