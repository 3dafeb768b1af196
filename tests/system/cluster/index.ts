import { ExistingCluster, nodesAt } from "../../../infra/existing-cluster.ts";
import { OverlayNetwork } from "../../../infra/overlay-network.ts";
import { Service } from "../../../infra/service.ts";
import { swarmTarget } from "../../../infra/swarm-target.ts";

/** What this program is told by the environment variable SLIPWAY_CLUSTER. */
export interface ClusterToUse {
  /** The address of a manager. */
  engine: string;
  image: string;
}

async function program(): Promise<Record<string, unknown>> {
  const { engine, image } = JSON.parse(process.env.SLIPWAY_CLUSTER ?? "{}") as ClusterToUse;
  const nodes = await nodesAt("shop", engine);
  const cluster = new ExistingCluster("cluster", {
    environment: "shop",
    engine,
    nodes,
    addresses: [],
    registry: "127.0.0.1:5000",
  });
  const target = swarmTarget("shop", cluster.engine, cluster.provider);
  const networks = [new OverlayNetwork("net", target).id];
  const web = new Service("web", target, { image, networks, constraints: [cluster.dataNode] });
  return { addresses: cluster.addresses, runs: web.ready.apply(() => web.runs) };
}

// biome-ignore lint/style/noDefaultExport: what Pulumi takes a program's outputs from
export default program;
