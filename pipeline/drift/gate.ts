import type { EnvironmentName } from "../../settings/environment.ts";
import { StepFailure } from "../errors.ts";
import { needed, type Promotion } from "../promotion.ts";
import { stackHistory } from "../stack-history.ts";
import { settingsFor } from "../stack-settings.ts";
import type { Difference } from "./compare.ts";
import { differencesIn } from "./drift.ts";
import { isMendedByPulumi, sentence } from "./words.ts";

/** How many differences are told; `promote drift` has all of them. */
const told = 10;

type Context = Pick<Promotion, "signal" | "progress">;

function tell(environment: EnvironmentName, differences: readonly Difference[], { progress }: Context): void {
  for (const one of differences.slice(0, told)) {
    const stays = isMendedByPulumi(one) ? "" : ", which stays";
    progress({ type: "note", text: `Drift in ${environment}${stays}: ${sentence(one)}` });
  }
  const more = differences.length - told;
  if (more > 0) progress({ type: "note", text: `… and ${more} more: npm run promote -- drift ${environment}` });
}

/** Tells what was changed in an environment by hand, which a deployment is about to put right. */
export async function tellDrift(environment: EnvironmentName, context: Context): Promise<void> {
  tell(environment, (await differencesIn(environment, context.signal)) ?? [], context);
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

/**
 * Looks for what was changed in an environment by hand before a step deploys to it, and tells that, unless who pressed the button has
 * just been shown it.
 * @throws StepFailure where the environment's settings say so and no glass is broken; nothing was changed then
 */
export async function driftGate(environment: EnvironmentName, promotion: Promotion): Promise<boolean> {
  const { signal, shown, glassBroken, state } = promotion;
  const { drift: policy } = (await settingsFor(needed(promotion, "checkout"))).environments[environment];
  const wasShown = environment === "production" && shown === true;
  if (policy === "repair" && wasShown) return false;
  const found = await differencesIn(environment, signal, state);
  const differences = found ?? [];
  if (policy === "stop" && !glassBroken && (await isByHand(environment, differences, signal))) {
    // A step that does not deploy has nothing to be gone back from.
    delete promotion.before[environment];
    throw new StepFailure(`${environment} is not as Pulumi says, and its setting slipway:drift is stop`, {
      details: differences.map(sentence),
      next: `npm run promote -- drift ${environment}`,
    });
  }
  if (!wasShown) tell(environment, differences, promotion);
  return found?.length === 0;
}
