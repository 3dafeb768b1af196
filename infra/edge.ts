import * as pulumi from "@pulumi/pulumi";

import { ContentConfig } from "./content-named.ts";
import { haproxyConfig, type Route } from "./haproxy-config.ts";
import { Service } from "./service.ts";
import type { SwarmTarget } from "./swarm-target.ts";

export interface EdgeArgs {
  image: pulumi.Input<string>;
  /** The overlay network that it reaches the services by. */
  network: pulumi.Input<string>;
  routes: Route[];
}

/** The port of every node on which the edge takes requests. */
export const edgePort = 80;

/** HAProxy in front of the environment, one task on every node. */
export class Edge extends pulumi.ComponentResource {
  readonly service: Service;

  constructor(name: string, target: SwarmTarget, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:Edge", name, {}, opts);
    const config = new ContentConfig(
      `${name}-haproxy`,
      target,
      { content: haproxyConfig(args.routes) },
      { parent: this },
    );
    this.service = new Service(
      name,
      target,
      {
        image: args.image,
        networks: [args.network],
        replicas: "global",
        configs: [{ config, file: "/etc/haproxy/haproxy.cfg" }],
        ports: [{ published: edgePort, target: 8080 }],
        // HAProxy ends its open requests first; hard-stop-after in its configuration is the limit.
        stopGrace: 35,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
