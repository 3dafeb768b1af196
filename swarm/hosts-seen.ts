import type Docker from "dockerode";

import type { Host } from "../settings/hosts.ts";
import type { ApiNode } from "./api-types.ts";
import { connect } from "./engine.ts";
import { type Action, hostLabel, type Member, planHosts } from "./hosts-plan.ts";

/** The label of a Swarm that says how often its join tokens were changed. */
export const tokensLabel = "slipway.tokens";

/** What an environment's hosts are to be. */
export interface Wanted {
  hosts: Host[];
  /** Which join tokens; another number has new ones made. */
  tokens: number;
  /** The oldest engine that is good enough, such as 27.5.1. */
  engineVersion?: string | undefined;
}

/** A Swarm's nodes, and its own specification. */
export interface Seen {
  members: (Member & {
    name: string;
    version: string;
    /** Whether the other managers hear of it, where it is one; a moment after its node is up. */
    heard: boolean;
  })[];
  spec: { Labels?: Record<string, string> };
  /** Swarm's counter of that. */
  version: number;
}

const memberOf = ({ ID, Description, Spec, Status, ManagerStatus }: ApiNode): Seen["members"][number] => ({
  id: ID,
  name: Description?.Hostname ?? ID,
  host: Spec?.Labels?.[hostLabel],
  role: Spec?.Role ?? "worker",
  availability: Spec?.Availability ?? "active",
  labels: Spec?.Labels ?? {},
  up: Status?.State === "ready",
  version: Description?.Engine?.EngineVersion ?? "",
  heard: ManagerStatus?.Reachability !== "unreachable",
});

/** Looks at a Swarm in two requests. */
export async function seeSwarm(manager: Docker): Promise<Seen> {
  const [nodes, swarm] = await Promise.all([
    manager.listNodes() as Promise<unknown[]> as Promise<ApiNode[]>,
    manager.swarmInspect() as Promise<{ Version: { Index: number }; Spec: Seen["spec"] }>,
  ]);
  return { members: nodes.map(memberOf), spec: swarm.Spec, version: swarm.Version.Index };
}

/** Whether one version comes before another, such as 27.3.1 before 27.10.0. */
export const isOlder = (one: string, other: string): boolean => one.localeCompare(other, "en", { numeric: true }) < 0;

/** Which join tokens a Swarm has. */
export const tokensOf = ({ spec }: Seen): number => Number(spec.Labels?.[tokensLabel] ?? 1);

/** The nodes whose engine is older than it is to be. */
export const outdated = ({ members }: Seen, { engineVersion }: Wanted): Seen["members"] =>
  members.filter(
    ({ host, up, version }) =>
      host !== undefined && up && engineVersion !== undefined && isOlder(version, engineVersion),
  );

const words = (action: Action): string => {
  if (action.kind === "take in") return `${action.host.at} is no node that is up`;
  return action.kind === "set" ? `${action.host.at} is set otherwise` : `node ${action.id} is to go`;
};

/**
 * In words, where a Swarm is not as its hosts are to be; empty when there is nothing to do.
 * @throws QuorumError when what is to be done would leave no majority of the managers
 */
export const deviations = (wanted: Wanted, seen: Seen): string[] => [
  ...planHosts(wanted.hosts, seen.members).map(words),
  ...outdated(seen, wanted).map(({ host, version }) => `${host} runs Docker ${version}`),
  ...(tokensOf(seen) === wanted.tokens ? [] : ["its join tokens are to be changed"]),
];

/** The first of the hosts that is a manager whose Swarm can be asked, and what it says. */
export async function askHosts(hosts: readonly Host[]): Promise<{ host: Host; seen: Seen } | undefined> {
  for (const host of hosts.filter(({ role }) => role === "manager")) {
    const seen = await seeSwarm(connect(host.at)).catch(() => undefined);
    if (seen) return { host, seen };
  }
  return undefined;
}
