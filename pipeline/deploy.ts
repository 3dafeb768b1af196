import { setTimeout as sleep } from "node:timers/promises";

import { namespaceIn, ownStacksOf, stackIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { type Release, short } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { readServices, type ServiceState } from "../swarm/services.ts";
import { type Change, describeChanges } from "./diff.ts";
import { StepFailure } from "./errors.ts";
import { type EnvironmentFacts, environmentFacts } from "./facts.ts";
import type { LogFile } from "./log-file.ts";
import { needed, type Promotion } from "./promotion.ts";
import { departures, shortcomings } from "./shortcomings.ts";
import { stackOutputs } from "./stack-state.ts";
import { update } from "./update.ts";

const patience = 30_000;

/** What is missing for an environment to run the release, as Swarm's tasks tell it. */
export function missing(services: ServiceState[], facts: EnvironmentFacts, release: Release): string[] {
  const unused = Object.values(release.images).filter((image) => !services.some((service) => service.image === image));
  return [
    ...departures(services, facts.services),
    ...unused.map((image) => `no service runs ${image}`),
    ...services.flatMap(shortcomings),
  ];
}

/** Asks Swarm until nothing is missing any more, or patience is at its end; returns what is missing then. */
async function missingInTheEnd(
  environment: EnvironmentName,
  facts: EnvironmentFacts,
  release: Release,
  signal: AbortSignal,
): Promise<string[]> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await readServices(connect(facts.engine), namespaceIn(environment))
      .then((services) => missing(services, facts, release))
      .catch((error: unknown) => [`${facts.engine} does not answer: ${String(error)}`]);
    if (found.length === 0 || Date.now() > deadline || signal.aborted) return found;
    await sleep(500);
  }
}

interface DeployOptions {
  log: LogFile;
  /** Called before the first thing is changed. */
  onChange: () => void;
  /** Whether Pulumi looks at what there is first, as it does by default. */
  refresh?: boolean;
  /** Whether Pulumi lets Swarm, which has begun already, have the processors first where they are short. */
  yields?: boolean;
}

/** What a deployment came to. */
export interface Deployment {
  facts: EnvironmentFacts;
  /** What ran before it. */
  before: Release | undefined;
  /** What it changed, in words. */
  changes: Change[];
}

/** Makes the environment that an application of its own is to run in, where there is none yet, from the working tree. */
async function makeEnvironment(
  environment: EnvironmentName,
  { signal, progress }: Promotion,
  { log }: DeployOptions,
): Promise<void> {
  if (ownStacksOf() === undefined || environmentFacts(environment, await stackOutputs(environment, signal))) return;
  progress({ type: "note", text: `There is no ${environment} yet; it is made first` });
  await update(environment, { message: `made for ${ownStacksOf()}`, signal, progress, log });
}

async function bringUp(
  environment: EnvironmentName,
  promotion: Promotion,
  options: DeployOptions,
): Promise<Deployment> {
  const release = needed(promotion, "release");
  const { signal, progress, state } = promotion;
  const message = `${release.application} ${short(release.commit)}`;
  const program = needed(promotion, "checkout");
  await makeEnvironment(environment, promotion, options);
  const all = { message, release, program, signal, progress, state, custody: promotion.leasing, ...options };
  const found = await update(stackIn(environment), all).finally(() => {
    delete promotion.state;
  });
  const facts = environmentFacts(environment, found.outputs);
  if (!facts)
    throw new StepFailure(`The stack ${stackIn(environment)} does not say where its engine and addresses are`);
  const { previous: before } = facts;
  return { facts, before, changes: describeChanges(found.steps, before ? [release, before] : [release]) };
}

/**
 * Deploys the release to an environment and believes only what Swarm's tasks say.
 * @throws StepFailure
 */
export async function deploy(
  environment: EnvironmentName,
  promotion: Promotion,
  options: DeployOptions,
): Promise<Deployment> {
  const release = needed(promotion, "release");
  const deployed = await bringUp(environment, promotion, options);
  const { facts } = deployed;
  const lacks = await missingInTheEnd(environment, facts, release, promotion.signal);
  const [first] = lacks;
  if (first) throw new StepFailure(`${environment} does not run the release: ${first}`, { details: lacks.slice(1) });
  promotion.facts[environment] = facts;
  return deployed;
}
