import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { environmentFacts } from "./facts.ts";
import type { Promotion } from "./promotion.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** The release that was deployed to an environment last and held there; undefined when none was. */
export const runningIn = async (environment: EnvironmentName, signal: AbortSignal): Promise<Release | undefined> =>
  environmentFacts(environment, await stackOutputs(environment, { signal }))?.release;

/** What an environment ran before a commit came, to go back to if it does not hold there. */
export async function runningBefore(
  environment: EnvironmentName,
  { commit, signal }: Promotion,
): Promise<Release | undefined> {
  const facts = environmentFacts(environment, await stackOutputs(environment, { signal }));
  return facts?.release?.commit === commit ? facts.previous : facts?.release;
}
