import * as pulumi from "@pulumi/pulumi";

import { ContentConfig } from "./content-named.ts";
import { haproxyConfig, type Route } from "./haproxy-config.ts";
import { Service } from "./service.ts";
import type { SwarmTarget } from "./swarm-target.ts";

export interface EdgeArgs {
  images: { edge: pulumi.Input<string>; door: pulumi.Input<string> };
  /** The overlay network that it reaches the services by. */
  network: pulumi.Input<string>;
  routes: Route[];
}

/** The port of every node on which the edge takes requests. */
export const edgePort = 80;

/**
 * HAProxy in front of the environment, one task on every node. A door on the node's own network opens the port and hands
 * the listening socket to it, so that two edges can take requests from the same port while one follows the other; with a
 * published port, the old one would have to leave it first.
 */
export class Edge extends pulumi.ComponentResource {
  readonly service: Service;
  readonly door: Service;

  constructor(name: string, target: SwarmTarget, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:Edge", name, {}, opts);
    const config = new ContentConfig(
      `${name}-haproxy`,
      target,
      { content: haproxyConfig(args.routes) },
      { parent: this },
    );
    const volumes = [{ name: `${target.environment}_door`, target: "/run/door" }];
    this.door = new Service(
      "door",
      target,
      {
        image: args.images.door,
        networks: "host",
        replicas: "global",
        env: { PORT: String(edgePort) },
        volumes,
        memory: 32,
      },
      { parent: this },
    );
    this.service = new Service(
      name,
      target,
      {
        image: args.images.edge,
        networks: [args.network],
        replicas: "global",
        env: { SOCKET: `tcp:${edgePort}` },
        volumes,
        configs: [{ config, file: "/etc/haproxy/haproxy.cfg" }],
        // HAProxy ends its open requests first; hard-stop-after in its configuration is the limit.
        stopGrace: 35,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
