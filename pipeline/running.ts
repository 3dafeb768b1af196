import { stackIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { type EnvironmentFacts, environmentFacts } from "./facts.ts";
import type { Promotion } from "./promotion.ts";
import { outputsIn, readState, stackOutputs } from "./stack-state.ts";

/** The release that was deployed to an environment last and held there; undefined when none was. */
export const runningIn = async (environment: EnvironmentName, signal: AbortSignal): Promise<Release | undefined> =>
  environmentFacts(environment, await stackOutputs(stackIn(environment), signal))?.release;

/** Notes what an environment ran before the promotion's commit came, to go back to if that does not hold there. */
export function noteBefore(
  environment: EnvironmentName,
  facts: EnvironmentFacts | undefined,
  promotion: Promotion,
): void {
  promotion.before[environment] = facts?.release?.commit === promotion.commit ? facts.previous : facts?.release;
}

/**
 * Reads what Pulumi says of an environment that this run has come to hold: once, for all that its deployment needs to know of it
 * before it changes anything.
 */
export async function lookInto(environment: EnvironmentName, promotion: Promotion): Promise<void> {
  const state = await readState(stackIn(environment), promotion.signal);
  promotion.state = state;
  noteBefore(environment, state && environmentFacts(environment, outputsIn(state)), promotion);
}

/** What an environment's stack says of it: what was read when it came to be held, or, where nothing was, what it says now. */
export async function factsOf(
  environment: EnvironmentName,
  { state, signal }: Pick<Promotion, "state" | "signal">,
): Promise<EnvironmentFacts | undefined> {
  return environmentFacts(environment, state ? outputsIn(state) : await stackOutputs(stackIn(environment), signal));
}
