import { type EnvironmentName, environments } from "../settings/environment.ts";
import { digestOf, type Release } from "../settings/release.ts";
import { imagesNeeded } from "../swarm/images.ts";
import { applicationStacks, partsOf } from "./application-stacks.ts";
import { PrerequisiteError } from "./errors.ts";
import { environmentFacts } from "./facts.ts";
import { askManagers } from "./managers.ts";
import type { Need } from "./retention.ts";
import { outputsIn, readState } from "./stack-state.ts";

const needsOf = (release: Release | undefined, reason: string): Need[] =>
  release
    ? [
        { commit: release.commit, reason },
        ...Object.values(release.images).map((image) => ({ digest: digestOf(image), reason })),
      ]
    : [];

/** An image as a Swarm names it: by its digest, or by the tag that somebody gave a service by hand. */
function needOf(image: string, reason: string): Need[] {
  if (image.includes("@")) return [{ digest: digestOf(image), reason }];
  const commit = /:([0-9a-f]{12})$/.exec(image)?.[1];
  return commit === undefined ? [] : [{ commit, reason }];
}

const unknown = (environment: string, why: string, next: string): PrerequisiteError =>
  new PrerequisiteError(`Nobody can tell what ${environment} needs, so nothing is removed: ${why}`, { next });

/**
 * What an environment runs and what it would go back to, by its stack and by its Swarm; nothing where there is none.
 * @throws PrerequisiteError when it cannot be asked
 */
async function needsIn(environment: EnvironmentName, stack: string, signal: AbortSignal): Promise<Need[]> {
  const state = await readState(stack, signal);
  // The stack itself and what providers it has, Pulumi notes before there is anything else.
  const resources = state?.resources?.filter(({ type }) => !type.startsWith("pulumi:")) ?? [];
  if (!state || resources.length === 0) return [];
  const facts = environmentFacts(environment, outputsIn(state));
  if (!facts) throw unknown(stack, "it is only half made", "npm run promote (with --source PATH for an application)");
  const { answer: images, down } = await askManagers(facts, imagesNeeded);
  if (!images) {
    const why = ["none of its managers answers", ...down].join(", ");
    throw unknown(stack, why, "npm run promote -- status, then npm run promote (makes missing nodes again)");
  }
  const runs = `${environment} runs it`;
  const back = `${environment} would go back to it`;
  return [
    ...needsOf(facts.release, runs),
    ...images.runs.flatMap((image) => needOf(image, runs)),
    ...needsOf(facts.previous, back),
    ...images.wouldGoBackTo.flatMap((image) => needOf(image, back)),
  ];
}

/**
 * What all environments need of the registry.
 * @throws PrerequisiteError when one of them cannot be asked
 */
export async function environmentNeeds(signal: AbortSignal): Promise<Need[]> {
  const all: Need[] = [];
  for (const environment of environments) all.push(...(await needsIn(environment, environment, signal)));
  for (const stack of await applicationStacks(signal)) {
    const environment = partsOf(stack)?.environment;
    if (environment) all.push(...(await needsIn(environment, stack, signal)));
  }
  return all;
}
