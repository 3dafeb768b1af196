import * as pulumi from "@pulumi/pulumi";

import { projectName } from "../settings/project.ts";

/** What the delivery stack offers to environments. */
export interface Platform {
  /** Where the registry is; for the embedded one, also how nodes that are containers reach it. */
  registry: { host: string; port?: number; address?: string; network?: string };
  images: { swarmNode: string; edge: string; door: string; postgres: string };
}

/**
 * The outputs of the delivery stack.
 * @throws Error when that stack is not up
 */
export async function platform(): Promise<Platform> {
  const reference = new pulumi.StackReference("delivery", { name: `organization/${projectName}/delivery` });
  const outputs = await Promise.all(["registry", "images"].map((key) => reference.getOutputDetails(key)));
  const [registry, images] = outputs.map(({ value }) => value);
  if (registry && images) return { registry, images };
  throw new pulumi.RunError("The registry and the platform's images are not there yet; run: pulumi up -s delivery");
}
