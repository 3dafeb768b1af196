import { type BrokenGlass, brokenGlass, evidenceOf } from "../evidence/of-release.ts";
import { namespaceIn, stackIn } from "../settings/delivered.ts";
import { type EnvironmentName, environments } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { type RunningRelease, releaseName } from "../settings/release-name.ts";
import { connect } from "../swarm/engine.ts";
import { leaseState } from "../swarm/lease.ts";
import type { Holder } from "../swarm/lease-records.ts";
import { counts, readServices, type Scale, type ServiceState } from "../swarm/services.ts";
import { type EnvironmentFacts, environmentFacts } from "./facts.ts";
import { askManagers } from "./managers.ts";
import { departures, shortcomings } from "./shortcomings.ts";
import { stackOutputs } from "./stack-state.ts";

export type EnvironmentState = "not created" | "unreachable" | "nothing deployed" | "healthy" | "degraded";

/** What an environment runs, as its Swarm's tasks tell it. */
export interface EnvironmentStatus {
  environment: EnvironmentName;
  state: EnvironmentState;
  /** The release that the tasks run. */
  release?: RunningRelease;
  /** Since when a task of it has been running. */
  since?: Date;
  /** Where it is reached. */
  addresses: string[];
  services: { name: string; image: string; scale: Scale; desired: number; running: number; update?: string }[];
  /** Why it is not healthy. */
  reasons: string[];
  /** That its release came without what is demanded. */
  brokenGlass?: BrokenGlass;
  /** Who changes it just now. */
  lease?: Holder;
  /** Who waits for it, in the order in which they came. */
  waiting?: Holder[];
}

const summary = ({ name, image, scale, replicas, update }: ServiceState): EnvironmentStatus["services"][number] => ({
  name,
  image,
  scale,
  ...replicas,
  ...(update ? { update } : {}),
});

/** What the tasks run, in words where the stack knows them: a service says its commit, the stack the rest. */
function runningRelease(delivered: ServiceState[], recorded: Release | undefined): RunningRelease | undefined {
  const commit = delivered.find(({ scale }) => scale !== "once")?.commit;
  if (commit === undefined) return undefined;
  const application = recorded ? { application: recorded.application } : {};
  return { ...application, ...(recorded?.commit === commit ? { version: recorded.version } : {}), commit };
}

/** Where Swarm and what was deployed disagree about the release. */
function drift(delivered: ServiceState[], recorded: Release | undefined): string[] {
  if (!recorded) return [];
  const expected = Object.values(recorded.images);
  return delivered
    .filter(({ image }) => !expected.includes(image))
    .map(
      ({ name, image }) =>
        `${name} is set to ${image}, and the last deployment that succeeded was ${releaseName(recorded)}`,
    );
}

function judge(environment: EnvironmentName, facts: EnvironmentFacts, services: ServiceState[]): EnvironmentStatus {
  const delivered = services.filter(({ commit }) => commit !== undefined);
  const release = runningRelease(delivered, facts.release);
  const starts = delivered.flatMap(({ tasks }) => tasks.filter(counts).map(({ since }) => since.getTime()));
  const reasons = [
    ...departures(services, facts.services),
    ...services.flatMap(shortcomings),
    ...drift(delivered, facts.release),
  ];
  return {
    environment,
    state: release ? (reasons.length > 0 ? "degraded" : "healthy") : "nothing deployed",
    ...(release ? { release } : {}),
    ...(starts.length > 0 ? { since: new Date(Math.min(...starts)) } : {}),
    addresses: facts.addresses,
    services: services.map(summary),
    reasons,
  };
}

const bare = (environment: EnvironmentName, state: EnvironmentState, reasons: string[] = []): EnvironmentStatus => ({
  environment,
  state,
  addresses: [],
  services: [],
  reasons,
});

/** Who broke the glass for what runs in production; what a registry does not tell cannot be shown. */
export const glassOf = (release: Release): Promise<BrokenGlass | undefined> =>
  evidenceOf(release).then(
    ({ evidence }) => brokenGlass(evidence),
    () => undefined,
  );

/** What one environment runs. */
export async function environmentStatus(environment: EnvironmentName): Promise<EnvironmentStatus> {
  const facts = environmentFacts(environment, await stackOutputs(stackIn(environment)));
  return (await lookAt(environment, facts)).status;
}

/** An environment, and its services task by task; none where nobody there answers. */
export interface Seen {
  status: EnvironmentStatus;
  services: ServiceState[];
}

/**
 * The same with the services, where it is known already what the environment's stack says of it.
 * @param glass asks who broke the glass for a release
 */
export async function lookAt(
  environment: EnvironmentName,
  facts: EnvironmentFacts | undefined,
  glass: (release: Release) => Promise<BrokenGlass | undefined> = glassOf,
): Promise<Seen> {
  if (!facts) return { status: bare(environment, "not created"), services: [] };
  const { answer: services, down } = await askManagers(facts, (engine) =>
    readServices(engine, namespaceIn(environment)),
  );
  if (!services) {
    return { status: bare(environment, "unreachable", ["none of its managers answers", ...down]), services: [] };
  }
  const status = judge(environment, facts, services);
  const state = down.length > 0 && status.state === "healthy" ? "degraded" : status.state;
  const [lease, broken] = await Promise.all([
    leaseState(connect(facts.engine), environment).catch(() => undefined),
    environment === "production" && facts.release ? glass(facts.release) : undefined,
  ]);
  const whole: EnvironmentStatus = {
    ...status,
    state,
    reasons: [...down, ...status.reasons],
    ...(lease?.holder ? { lease: lease.holder } : {}),
    ...(lease?.waiting.length ? { waiting: lease.waiting } : {}),
    ...(broken ? { brokenGlass: broken } : {}),
  };
  return { status: whole, services };
}

/** What every environment runs, in promotion order. */
export const status = (): Promise<EnvironmentStatus[]> => Promise.all(environments.map(environmentStatus));
