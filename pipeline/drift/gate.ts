import type { EnvironmentName } from "../../settings/environment.ts";
import { StepFailure } from "../errors.ts";
import type { Progress } from "../events.ts";
import { needed, type Promotion } from "../promotion.ts";
import { inFolder, stackSettings } from "../stack-settings.ts";
import { differencesIn } from "./drift.ts";
import { sentence } from "./words.ts";

export interface DriftGateOptions {
  /** The checkout of the commit whose settings count. */
  checkout: string;
  signal: AbortSignal;
  progress: Progress;
  /** Whether somebody has just been shown what differs, and agreed. */
  seen?: boolean;
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
  const sentences = differences.map(sentence);
  const byHand = differences.filter(({ rolledBack }) => !rolledBack);
  if (policy === "stop" && byHand.length > 0) {
    throw new StepFailure(`${environment} is not as Pulumi says, and its setting slipway:drift is stop`, {
      details: sentences,
      next: `npm run promote -- drift ${environment}; pulumi up -s ${environment} puts it right`,
    });
  }
  if (seen) return;
  for (const text of sentences.slice(0, told)) progress({ type: "note", text: `Drift, put right now: ${text}` });
  const more = sentences.length - told;
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
