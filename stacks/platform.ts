import * as pulumi from "@pulumi/pulumi";

import { projectName } from "../settings/project.ts";

/** What the delivery stack offers to environments. */
export interface Platform {
  registry: { port: pulumi.Output<number>; address: pulumi.Output<string>; network: pulumi.Output<string> };
  images: {
    swarmNode: pulumi.Output<string>;
    edge: pulumi.Output<string>;
    door: pulumi.Output<string>;
    postgres: pulumi.Output<string>;
  };
}

type Outputs = { registry: Record<string, string | number>; images: Record<string, string> };

/**
 * The outputs of the delivery stack.
 * @throws Error when that stack is not up
 */
export function platform(): Platform {
  const reference = new pulumi.StackReference("delivery", { name: `organization/${projectName}/delivery` });
  const outputs = reference.outputs.apply((all) => {
    if (all.registry && all.images) return all as Outputs;
    throw new pulumi.RunError("The registry and the platform's images are not there yet; run: pulumi up -s delivery");
  });
  const registry = <T extends string | number>(key: string) => outputs.apply((all) => all.registry[key] as T);
  const image = (key: string) => outputs.apply((all) => all.images[key] as string);
  return {
    registry: { port: registry("port"), address: registry("address"), network: registry("network") },
    images: { swarmNode: image("swarmNode"), edge: image("edge"), door: image("door"), postgres: image("postgres") },
  };
}
