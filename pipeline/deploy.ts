import { setTimeout as sleep } from "node:timers/promises";

import type { EnvironmentName } from "../settings/environment.ts";
import { type Release, short } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { readServices, type ServiceState } from "../swarm/services.ts";
import { StepFailure } from "./errors.ts";
import { type EnvironmentFacts, environmentFacts } from "./facts.ts";
import type { LogFile } from "./log-file.ts";
import { needed, type Promotion } from "./promotion.ts";
import { update } from "./update.ts";

const patience = 30_000;

/** What a service lacks of what it should be; empty when all is well. */
export function shortcomings(service: ServiceState): string[] {
  if (service.completes) {
    const done = service.tasks.some((task) => task.current && task.state === "complete");
    return done ? [] : [`${service.name} has not run to its end`];
  }
  const { desired, running } = service.replicas;
  if (running >= desired) return [];
  const errors = service.tasks.flatMap(({ node, state, error }) =>
    error ? [`  ${node || "no node"}: ${state}, ${error}`] : [],
  );
  return [`${service.name} runs ${running} of ${desired} tasks`, ...new Set(errors)];
}

/** What is missing for an environment to run the release, as Swarm's tasks tell it. */
export function missing(services: ServiceState[], facts: EnvironmentFacts, release: Release): string[] {
  const absent = facts.services.filter((name) => !services.some((service) => service.name === name));
  const unused = Object.values(release.images).filter((image) => !services.some((service) => service.image === image));
  return [
    ...absent.map((name) => `${name} is not there`),
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
    const found = await readServices(connect(facts.engine), environment)
      .then((services) => missing(services, facts, release))
      .catch((error: unknown) => [`${facts.engine} does not answer: ${String(error)}`]);
    if (found.length === 0 || Date.now() > deadline || signal.aborted) return found;
    await sleep(500);
  }
}

async function bringUp(
  environment: EnvironmentName,
  promotion: Promotion,
  log: LogFile,
  refresh: boolean,
): Promise<EnvironmentFacts> {
  const release = needed(promotion, "release");
  const { signal, progress } = promotion;
  const message = `${release.application} ${short(release.commit)}`;
  const outputs = await update(environment, { message, release, signal, progress, log, refresh });
  const facts = environmentFacts(environment, outputs);
  if (!facts) throw new StepFailure(`The stack ${environment} does not say where its engine and addresses are`);
  return facts;
}

/**
 * Deploys the release to an environment and believes only what Swarm's tasks say. Where Pulumi's state claims more than
 * is there, as after somebody removed a service by hand, what is there is looked at and put right once.
 * @throws StepFailure
 */
export async function deploy(environment: EnvironmentName, promotion: Promotion, log: LogFile): Promise<void> {
  const release = needed(promotion, "release");
  let facts = await bringUp(environment, promotion, log, false);
  let lacks = await missingInTheEnd(environment, facts, release, promotion.signal);
  if (lacks.length > 0) {
    promotion.progress({ type: "note", text: `${environment} is not what Pulumi's state says; refreshing it.` });
    facts = await bringUp(environment, promotion, log, true);
    lacks = await missingInTheEnd(environment, facts, release, promotion.signal);
  }
  const [first] = lacks;
  if (first) throw new StepFailure(`${environment} does not run the release: ${first}`, { details: lacks });
  promotion.facts[environment] = facts;
}
