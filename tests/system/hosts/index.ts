import * as pulumi from "@pulumi/pulumi";

import { HostCluster, seeHosts } from "../../../infra/host-cluster.ts";
import { OverlayNetwork } from "../../../infra/overlay-network.ts";
import { swarmTarget } from "../../../infra/swarm-target.ts";
import type { Wanted } from "../../../swarm/hosts-seen.ts";

async function program(): Promise<Record<string, unknown>> {
  const wanted = JSON.parse(process.env.SLIPWAY_HOSTS_TO_BE ?? "{}") as Wanted;
  const own = new pulumi.StackReference("present", { name: `organization/hosts/${pulumi.getStack()}` });
  const before = Number((await own.getOutputDetails("revision")).value ?? 0);
  const cluster = new HostCluster("cluster", {
    ...(await seeHosts(wanted, before)),
    addresses: [],
    registry: "127.0.0.1:5000",
  });
  new OverlayNetwork("net", swarmTarget("shop", cluster.engine, cluster.provider));
  return {
    engine: cluster.engine,
    nodes: cluster.nodes,
    addresses: cluster.addresses,
    revision: cluster.revision,
  };
}

// biome-ignore lint/style/noDefaultExport: what Pulumi takes a program's outputs from
export default program;
