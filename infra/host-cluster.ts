import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Host } from "../settings/hosts.ts";
import { dataLabel } from "../swarm/hosts-plan.ts";
import { askHosts, deviations, type Wanted } from "../swarm/hosts-seen.ts";
import type { Cluster, ClusterNode } from "./cluster.ts";
import { providerArgs } from "./existing-cluster.ts";
import { ownScript } from "./own-script.ts";
import { plainError } from "./swarm-target.ts";

/** What hosts are to be, and what their Swarm says before anything is changed. */
export interface HostsSeen {
  wanted: Wanted;
  /** The address of a manager that can be asked; none before there is a Swarm. */
  manager: string | undefined;
  /** How often they were put right. Higher than before when there is something to do. */
  revision: number;
}

export interface HostClusterArgs extends HostsSeen {
  /** Where the edge is reached. By default at the address of each host that takes tasks. */
  addresses: string[];
  /** `host:port` of the registry that nodes pull from. */
  registry: string;
}

/** A Swarm that is made of hosts over SSH, and kept as they are to be. It stays when the environment is destroyed. */
export class HostCluster extends pulumi.ComponentResource implements Cluster {
  readonly nodes: pulumi.Output<ClusterNode[]>;
  readonly addresses: string[];
  readonly provider: docker.Provider;
  readonly engine: string;
  readonly dataNode = `node.labels.${dataLabel}==true`;
  readonly revision: pulumi.Output<number>;

  constructor(name: string, args: HostClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:HostCluster", name, {}, opts);
    const { wanted, manager, revision } = args;
    this.engine = manager ?? firstManager(wanted.hosts);
    this.addresses = args.addresses.length > 0 ? args.addresses : wanted.hosts.filter(takesTasks).map(addressOf);
    const formed = new command.local.Command(
      `${name}-hosts`,
      {
        interpreter: [...ownScript],
        logging: "stderr",
        create: "swarm/hosts-maintain.ts",
        environment: { SLIPWAY_HOSTS: JSON.stringify(wanted) },
        triggers: [JSON.stringify(wanted), revision],
      },
      { parent: this },
    );
    this.nodes = formed.stdout.apply((text) => JSON.parse(text) as ClusterNode[]);
    this.revision = formed.stdout.apply(() => revision);
    const { host, ...others } = providerArgs({ engine: this.engine, registry: args.registry });
    // A preview cannot reach what is not there yet; known from then on, since a provider whose host is unknown replaces everything.
    const reached = manager === undefined ? formed.stdout.apply(() => host as string) : (host as string);
    const inside = { parent: this, dependsOn: formed };
    this.provider = new docker.Provider(`${name}-swarm`, { ...others, host: reached }, inside);
    this.registerOutputs({ engine: this.engine, addresses: this.addresses });
  }
}

const firstManager = (hosts: readonly Host[]): string => hosts.find(({ role }) => role === "manager")?.at ?? "";

const takesTasks = ({ availability }: Host): boolean => availability === "active";

const addressOf = ({ address }: Host): string => `http://${address.includes(":") ? `[${address}]` : address}`;

/**
 * Asks the hosts' Swarm, before anything is changed, whether there is something to do.
 * @param before how often they were put right before
 * @throws RunError when what is to be done would leave no majority of the managers
 */
export async function seeHosts(wanted: Wanted, before: number): Promise<HostsSeen> {
  const found = await askHosts(wanted.hosts);
  if (!found) return { wanted, manager: undefined, revision: before };
  try {
    const todo = deviations(wanted, found.seen);
    for (const line of todo) pulumi.log.info(line);
    return { wanted, manager: found.host.at, revision: todo.length > 0 ? before + 1 : before };
  } catch (error) {
    throw plainError(error);
  }
}
