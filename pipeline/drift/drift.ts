import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import { namespaceIn, stackIn } from "../../settings/delivered.ts";
import { type EnvironmentName, environments } from "../../settings/environment.ts";
import { connect } from "../../swarm/engine.ts";
import { type Holdings, readHoldings } from "../../swarm/holdings.ts";
import { leaseTimes } from "../../swarm/lease-queue.ts";
import { type Holder, readLease } from "../../swarm/lease-records.ts";
import { type EnvironmentFacts, environmentFacts } from "../facts.ts";
import { askManagers } from "../managers.ts";
import { outputsIn, readState, type State } from "../stack-state.ts";
import { compare, type Difference } from "./compare.ts";
import { expectedOf } from "./expected.ts";

/** Changing is an environment that somebody is at, so that nobody can tell what of it is drift. */
export type DriftState = "not created" | "unreachable" | "changing" | "as it should be" | "drifted";

/** Where an environment's Swarm is not as Pulumi says. */
export interface EnvironmentDrift {
  environment: EnvironmentName;
  state: DriftState;
  /** None where it is changing. */
  differences: Difference[];
  /** Why nobody can tell. */
  reason?: string;
  /** Who changes it just now. */
  changedBy?: Holder;
}

/** What both sides said of an environment. */
interface Seen {
  facts: EnvironmentFacts;
  state: State;
  holdings: Holdings | undefined;
  /** In words, which nodes do not answer. */
  down: string[];
}

/** Asks Pulumi, and then Swarm: what is deployed in between would look as if somebody had done it by hand. */
async function look(
  environment: EnvironmentName,
  signal: AbortSignal | undefined,
  known?: State,
): Promise<Seen | undefined> {
  const state = known ?? (await readState(stackIn(environment), signal)) ?? {};
  const facts = environmentFacts(environment, outputsIn(state));
  if (!facts) return undefined;
  const { answer, down } = await askManagers(facts, readHoldings);
  return { facts, state, holdings: answer, down };
}

const differencesOf = (environment: EnvironmentName, { facts, state }: Seen, holdings: Holdings): Difference[] =>
  compare(namespaceIn(environment), expectedOf(state), holdings, facts.nodes);

/**
 * Where an environment's Swarm is not as Pulumi says, whoever is at it.
 * @param known what Pulumi says, if that was read just now
 * @returns undefined where it does not exist, or nobody there answers
 * @throws PrerequisiteError when Pulumi cannot tell
 */
export async function differencesIn(
  environment: EnvironmentName,
  signal?: AbortSignal,
  known?: State,
): Promise<Difference[] | undefined> {
  const seen = await look(environment, signal, known);
  return seen?.holdings && differencesOf(environment, seen, seen.holdings);
}

/** Who holds an environment and renews that: a lease of one that is dead stays until the next one takes it. */
async function liveHolder(engine: Docker, environment: EnvironmentName): Promise<Holder | undefined> {
  const first = (await readLease(engine, environment)).lease;
  const deadline = Date.now() + 2 * leaseTimes.renewal;
  while (first?.holder && Date.now() < deadline) {
    const { lease } = await readLease(engine, environment);
    if (lease?.version !== first.version) return lease?.holder ?? first.holder;
    await sleep(leaseTimes.look / 2);
  }
  return undefined;
}

/**
 * Compares what Pulumi says an environment is with what its Swarm holds; changes nothing, and runs no program.
 * @throws PrerequisiteError when Pulumi cannot tell
 */
export async function environmentDrift(environment: EnvironmentName, signal?: AbortSignal): Promise<EnvironmentDrift> {
  const seen = await look(environment, signal);
  if (!seen) return { environment, state: "not created", differences: [] };
  const { facts, holdings, down } = seen;
  if (!holdings) {
    const reason = ["none of its managers answers", ...down].join("; ");
    return { environment, state: "unreachable", differences: [], reason };
  }
  const differences = differencesOf(environment, seen, holdings);
  if (differences.length === 0) return { environment, state: "as it should be", differences };
  const changedBy = await liveHolder(connect(facts.engine), environment).catch(() => undefined);
  if (changedBy) return { environment, state: "changing", differences: [], changedBy };
  return { environment, state: "drifted", differences };
}

/** The same of several, in promotion order. */
export const drift = (
  which: readonly EnvironmentName[] = environments,
  signal?: AbortSignal,
): Promise<EnvironmentDrift[]> => Promise.all(which.map((one) => environmentDrift(one, signal)));
