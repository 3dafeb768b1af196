import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { ContentConfig, ContentSecret } from "./content-named.ts";
import { haproxyConfig, type Route, sockets } from "./haproxy-config.ts";
import { ownScript } from "./own-script.ts";
import { Service } from "./service.ts";
import type { SwarmTarget } from "./swarm-target.ts";

export interface EdgeArgs {
  images: { edge: pulumi.Input<string>; door: pulumi.Input<string> };
  /** The overlay networks that it reaches the services by. */
  networks: pulumi.Input<string>[];
  /** The ports of every node on which it takes requests; that of TLS only with a certificate. Default 80 and 443. */
  ports?: { http: number; https: number };
  routes: Route[];
  /** A certificate with its chain and its key, as PEM. With it, TLS is spoken too. */
  certificate?: string | undefined;
  /** How long an edge that is replaced keeps the connections that it has, such as WebSockets, in seconds. Default 300. */
  linger?: number;
}

/** The ports of every node on which an environment's edge takes requests; that of TLS only when there is a certificate. */
export const edgePorts = { http: 80, https: 443 } as const;

const configFile = "/etc/haproxy/haproxy.cfg";
const certificateFile = "/run/secrets/edge.pem";

/**
 * HAProxy in front of the environment, one task on every node. A door on the node's own network opens the ports and hands
 * the listening sockets to it, so that two edges can take requests from the same port while one follows the other; with a
 * published port, the old one would have to leave it first.
 */
export class Edge extends pulumi.ComponentResource {
  readonly service: Service;
  readonly door: Service;

  constructor(name: string, target: SwarmTarget, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:Edge", name, {}, opts);
    const { certificate, linger = 300, ports = edgePorts } = args;
    const protocols = certificate === undefined ? (["http"] as const) : (["http", "https"] as const);
    const content = haproxyConfig({ ...args, linger, certificate: certificate && certificateFile });
    const checked = this.#checked(name, target, args, content);
    const inside = { parent: this, dependsOn: checked };
    const config = new ContentConfig(`${name}-haproxy`, target, { content }, inside);
    const secret =
      certificate === undefined
        ? undefined
        : new ContentSecret(`${name}-certificate`, target, { content: certificate }, inside);
    const volumes = [{ name: `${target.environment}_door`, target: "/run/door" }];
    this.door = new Service(
      "door",
      target,
      {
        image: args.images.door,
        networks: "host",
        replicas: "global",
        env: { PORTS: protocols.map((protocol) => ports[protocol]).join(" ") },
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
        networks: args.networks,
        replicas: "global",
        env: { SOCKETS: protocols.map((protocol) => `${sockets[protocol]}=tcp:${ports[protocol]}`).join(" ") },
        volumes,
        configs: [{ config, file: configFile }],
        ...(secret ? { secrets: [{ secret, file: certificateFile, mode: 0o444 }] } : {}),
        // HAProxy ends its open requests and connections first; hard-stop-after in its configuration is the limit.
        stopGrace: linger + 5,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  /** Lets the very HAProxy that is to run it read the configuration, and the certificate, before anything uses them. */
  #checked(name: string, target: SwarmTarget, { images, certificate }: EdgeArgs, content: string): pulumi.Resource {
    const docker = target.engine.startsWith("unix://")
      ? ["docker", "-H", target.engine]
      : [...ownScript, "swarm/docker.ts", target.engine];
    const run = [...docker, "run", "--rm", "--interactive", "--network=none", "--entrypoint=check"];
    return new command.local.Command(
      `${name}-checked`,
      {
        interpreter: pulumi.output(images.edge).apply((image) => [...run, image]),
        create: configFile,
        stdin: certificate === undefined ? content : pulumi.secret(`${content}\n${certificate}`),
        triggers: [images.edge],
        logging: "none",
      },
      // The provider is there once the Swarm's engines are.
      { parent: this, dependsOn: target.provider },
    );
  }
}
