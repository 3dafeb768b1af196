import type { Cluster } from "../infra/cluster.ts";
import { ExistingCluster, nodesAt } from "../infra/existing-cluster.ts";
import { HostCluster, seeHosts } from "../infra/host-cluster.ts";
import { LocalCluster } from "../infra/local-cluster.ts";
import { addressOf } from "../registry/address.ts";
import { privateAuthorities } from "../registry/trust.ts";
import type { EnvironmentName, EnvironmentSettings } from "../settings/environment.ts";
import type { Platform } from "./platform.ts";

/**
 * The Swarm of an environment: of nodes that are made here, one that is there already, or one that is made of hosts.
 * @param revision how often the hosts were put right before
 */
export async function clusterOf(
  environment: EnvironmentName,
  settings: EnvironmentSettings,
  { images, registry }: Platform,
  revision: number,
): Promise<Cluster> {
  const { cluster, addresses, joinTokens: tokens, engineVersion } = settings;
  if (cluster.kind === "local") {
    const authorities = await privateAuthorities(addressOf(registry.host).host);
    const reached = { ...registry, authorities };
    return new LocalCluster("cluster", { environment, ...settings, image: images.swarmNode, registry: reached });
  }
  if (cluster.kind === "hosts") {
    const seen = await seeHosts({ hosts: cluster.hosts, tokens, engineVersion }, revision);
    return new HostCluster("cluster", { ...seen, addresses, registry: registry.host });
  }
  const nodes = await nodesAt(environment, cluster.engine);
  return new ExistingCluster("cluster", {
    environment,
    engine: cluster.engine,
    nodes,
    addresses,
    registry: registry.host,
  });
}
