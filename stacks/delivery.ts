import * as pulumi from "@pulumi/pulumi";

import { PlatformImage } from "../infra/platform-image.ts";
import { Registry } from "../infra/registry.ts";
import { deliverySettings } from "../settings/environment.ts";

/** What delivery itself needs: the registry, and the images that environments are made of. */
export async function delivery(stack: string): Promise<Record<string, unknown>> {
  const settings = deliverySettings(stack, pulumi.runtime.allConfig());
  const registry = settings.registry ? { host: settings.registry } : embedded(settings.registryPort);
  const swarmNode = new PlatformImage("swarm-node-image", { image: "swarm-node" });
  const nodeRuntime = new PlatformImage("node-image", { image: "node" });
  const edge = new PlatformImage("edge-image", { image: "edge", push: registry.host });
  const door = new PlatformImage("door-image", { image: "door", push: registry.host });
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
  };
}

/** The registry of the default, and where it is reached from where. */
function embedded(port: number) {
  const image = new PlatformImage("registry-image", { image: "registry" });
  const { host, address, network } = new Registry("registry", { image: image.reference, port });
  return { port, host, address, network };
}
