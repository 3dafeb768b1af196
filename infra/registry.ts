import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { localName, ownerLabel } from "../settings/project.ts";

export interface RegistryArgs {
  /** The id of the registry image. */
  image: pulumi.Input<string>;
  /** Where it is published on 127.0.0.1. */
  port: number;
}

const insidePort = 5000;

/** The registry that holds releases and the platform's images. */
export class Registry extends pulumi.ComponentResource {
  /** Where this machine and, through a forwarder of its own, every node reaches it: `127.0.0.1:port`. */
  readonly host: pulumi.Output<string>;
  /** Where containers on its network reach it: `name:port`. */
  readonly address: pulumi.Output<string>;
  /** The network it is on. */
  readonly network: pulumi.Output<string>;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:Registry", name, {}, opts);
    const own = localName("registry");
    const network = new docker.Network(`${name}-network`, { name: own, labels: [ownerLabel] }, { parent: this });
    const volume = new docker.Volume(`${name}-data`, { name: own, labels: [ownerLabel] }, { parent: this });
    const container = new docker.Container(
      name,
      {
        name: own,
        image: args.image,
        restart: "unless-stopped",
        networksAdvanced: [{ name: network.name }],
        ports: [{ ip: "127.0.0.1", internal: insidePort, external: args.port }],
        volumes: [{ volumeName: volume.name, containerPath: "/var/lib/registry" }],
        labels: [ownerLabel],
        mustRun: true,
      },
      { parent: this, deleteBeforeReplace: true },
    );
    // Pushes wait for the container, nodes for the network.
    this.host = container.id.apply(() => `127.0.0.1:${args.port}`);
    this.address = container.name.apply((host) => `${host}:${insidePort}`);
    this.network = network.name;
    this.registerOutputs({ host: this.host });
  }
}
