import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { namespaceLabel } from "../swarm/services.ts";
import { childOptions, type SwarmTarget } from "./swarm-target.ts";

/** A network that spans the Swarm's nodes and that only its services can join. */
export class OverlayNetwork extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, target: SwarmTarget, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:OverlayNetwork", name, {}, opts);
    const network = new docker.Network(
      `${name}-network`,
      {
        name: `${target.environment}_${name}`,
        driver: "overlay",
        labels: [{ label: namespaceLabel, value: target.environment }],
      },
      childOptions(target, this),
    );
    this.id = network.id;
    this.registerOutputs({});
  }
}
