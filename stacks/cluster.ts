import type { Cluster } from "../infra/cluster.ts";
import { ExistingCluster, nodesAt } from "../infra/existing-cluster.ts";
import { LocalCluster } from "../infra/local-cluster.ts";
import type { EnvironmentName, EnvironmentSettings } from "../settings/environment.ts";
import type { Platform } from "./platform.ts";

/**
 * The Swarm of an environment: of nodes that are made here, or one that is there already.
 */
export async function clusterOf(
  environment: EnvironmentName,
  settings: EnvironmentSettings,
  { images, registry }: Platform,
): Promise<Cluster> {
  const { cluster, addresses } = settings;
  if (cluster.kind === "local") {
    return new LocalCluster("cluster", { environment, ...settings, image: images.swarmNode, registry });
  }
  const nodes = await nodesAt(environment, cluster.engine);
  return new ExistingCluster("cluster", { environment, engine: cluster.engine, nodes, addresses });
}
