import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { DashboardService } from "../infra/dashboard-service.ts";
import { nodesAt, providerArgs } from "../infra/existing-cluster.ts";
import { PlatformImage } from "../infra/platform-image.ts";
import { Registry } from "../infra/registry.ts";
import { plainError, swarmTarget } from "../infra/swarm-target.ts";
import { type DashboardSettings, dashboardLeft } from "../settings/dashboard.ts";
import { type DeliverySettings, deliverySettings, registryOf } from "../settings/environment.ts";
import { localName } from "../settings/project.ts";

/** Whether the dashboard is left as it is, whatever becomes of its Swarm. */
const isLeft = process.env[dashboardLeft] !== undefined;

/** What delivery itself needs: the registry, and the images that environments are made of. */
export async function delivery(stack: string): Promise<Record<string, unknown>> {
  const settings = deliverySettings(stack, pulumi.runtime.allConfig());
  const registry = settings.registry ? { host: settings.registry } : embedded(settings.registryPort);
  const swarmNode = new PlatformImage("swarm-node-image", { image: "swarm-node" });
  const nodeRuntime = new PlatformImage("node-image", { image: "node" });
  const edge = new PlatformImage("edge-image", { image: "edge", push: registry.host });
  const door = new PlatformImage("door-image", { image: "door", push: registry.host });
  const { dashboard } = settings;
  const served = dashboard && !isLeft ? await declareDashboard(dashboard, settings, nodeRuntime) : undefined;
  const postgres = new PlatformImage("postgres-image", { image: "postgres", push: registry.host });
  return {
    registry,
    images: {
      swarmNode: swarmNode.reference,
      nodeRuntime: nodeRuntime.reference,
      edge: edge.reference,
      door: door.reference,
      postgres: postgres.reference,
    },
    ...(served ? { dashboard: served } : {}),
  };
}

/** The registry of the default, and where it is reached from where. */
function embedded(port: number) {
  const image = new PlatformImage("registry-image", { image: "registry" });
  const { host, address, network } = new Registry("registry", { image: image.reference, port });
  return { port, host, address, network };
}

/** @throws RunError when the node is not a manager of that Swarm */
async function assertManager({ swarm, node }: DashboardSettings): Promise<void> {
  const nodes = await nodesAt("the dashboard", swarm);
  const managers = nodes.filter(({ Spec }) => Spec?.Role === "manager").map(({ Description }) => Description?.Hostname);
  if (managers.includes(node)) return;
  throw plainError(
    new Error(
      `Pulumi.delivery.yaml: slipway:dashboard: node: ${node} is no manager of ${swarm}; it has ${managers.join(", ")}`,
    ),
  );
}

/** The dashboard as a service, where somebody wants it as one. */
async function declareDashboard(
  dashboard: DashboardSettings,
  settings: DeliverySettings,
  nodeRuntime: PlatformImage,
): Promise<pulumi.Output<string>> {
  await assertManager(dashboard);
  const registry = registryOf(settings);
  const image = new PlatformImage("dashboard-image", { image: "dashboard", push: registry, from: nodeRuntime });
  const engine = dashboard.swarm;
  const provider = new docker.Provider("dashboard-swarm", providerArgs({ engine, registry }));
  const args = { ...dashboard, image: image.reference };
  const { ready } = new DashboardService("dashboard", swarmTarget(localName(), engine, provider), args);
  return ready.apply(() => `${dashboard.host}:${dashboard.port} of ${dashboard.node}`);
}
