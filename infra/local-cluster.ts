import { existsSync } from "node:fs";
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type EdgePorts, edgePorts } from "../settings/environment.ts";
import { localName, ownerLabel, socketFolder } from "../settings/project.ts";
import type { NodeToForm } from "../swarm/form.ts";
import type { Cluster, ClusterNode } from "./cluster.ts";
import { edgePorts as insidePorts } from "./edge.ts";
import { type NodeRegistry, nodeContainer } from "./node-container.ts";
import { ownScript } from "./own-script.ts";
import { registryLogins } from "./registry-logins.ts";

export interface LocalClusterArgs {
  environment: string;
  nodes: number;
  managers: number;
  /** An IPv4 network of 256 addresses, `a.b.c.0/24`. */
  subnet: string;
  /** Where the first node's edge is published on 127.0.0.1, in clear and by TLS; the others follow. */
  port: number;
  tlsPort: number;
  /** The id of the swarm-node image. */
  image: pulumi.Input<string>;
  registry: NodeRegistry;
}

/** Nodes keep their addresses across restarts, since Swarm knows them by these. The first ones are Docker's. */
const addressOf = (subnet: string, index: number): string => subnet.replace(/0\/24$/, String(index + 9));

/** Given, because the provider would take the one that the engine fills in for a change. */
const gatewayOf = (subnet: string): string => subnet.replace(/0\/24$/, "1");

/** A Swarm whose nodes are containers on this machine. */
export class LocalCluster extends pulumi.ComponentResource implements Cluster {
  readonly nodes: ClusterNode[];
  readonly addresses: string[];
  /** Usable once the Swarm is formed. */
  readonly provider: docker.Provider;
  readonly engine: string;
  readonly anchor: pulumi.Resource;
  readonly dataNode: string;

  constructor(name: string, args: LocalClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:LocalCluster", name, {}, opts);
    const { environment } = args;
    const indexes = Array.from({ length: args.nodes }, (_, index) => index + 1);
    this.nodes = indexes.map((index) => nodeOf(environment, index));
    this.addresses = edgePorts(args).map(({ http }) => `http://127.0.0.1:${http}`);
    this.engine = engineOf(environment, 1);
    this.dataNode = `node.hostname==${environment}-1`;

    const network = clusterNetwork(this, args);
    const containers = indexes.map((index) => nodeOnNetwork(this, args, network, index));
    this.anchor = network;
    const formed = formSwarm(this, args, containers);
    this.provider = new docker.Provider(
      `${name}-swarm`,
      { host: hostOnce(formed, this.engine), ...registryLogins(args.registry.host) },
      { parent: this, dependsOn: formed },
    );
    this.registerOutputs({ engine: this.engine, addresses: this.addresses });
  }
}

/**
 * The engine's address, unknown to a preview while the engine is not there, so that the preview does not try to reach it.
 * Known from then on, whatever happens to the nodes: a provider whose host is unknown replaces all that it made.
 */
const hostOnce = (formed: command.local.Command, engine: string): pulumi.Input<string> =>
  existsSync(engine.replace("unix://", "")) ? engine : formed.stdout.apply(() => engine);

const engineOf = (environment: string, index: number): string =>
  `unix://${socketFolder(environment, index)}/docker.sock`;

const nodeOf = (environment: string, index: number): ClusterNode & { container: string } => ({
  name: `${environment}-${index}`,
  container: localName(environment, String(index)),
  engine: engineOf(environment, index),
});

function clusterNetwork(parent: LocalCluster, { environment, subnet }: LocalClusterArgs): docker.Network {
  return new docker.Network(
    `${environment}-nodes`,
    { name: localName(environment), ipamConfigs: [{ subnet, gateway: gatewayOf(subnet) }], labels: [ownerLabel] },
    { parent },
  );
}

function nodeOnNetwork(
  parent: LocalCluster,
  args: LocalClusterArgs,
  network: docker.Network,
  index: number,
): docker.Container {
  const { environment, registry } = args;
  const { name, container } = nodeOf(environment, index);
  const published = edgePorts(args)[index - 1] as EdgePorts;
  const volume = new docker.Volume(
    `${name}-data`,
    { name: localName(environment, String(index)), labels: [ownerLabel] },
    { parent },
  );
  return new docker.Container(
    name,
    nodeContainer({
      name: container,
      hostname: name,
      image: args.image,
      volume: volume.name,
      sockets: socketFolder(environment, index),
      networks: [
        { name: network.name, ipv4Address: addressOf(args.subnet, index) },
        ...(registry.network ? [{ name: registry.network }] : []),
      ],
      publish: [
        { internal: insidePorts.http, external: published.http },
        { internal: insidePorts.https, external: published.https },
      ],
      registry,
    }),
    { parent, deleteBeforeReplace: true },
  );
}

/** Makes one Swarm of the nodes, and makes it whole again when a node was replaced. */
function formSwarm(
  parent: LocalCluster,
  args: LocalClusterArgs,
  containers: docker.Container[],
): command.local.Command {
  const nodes: NodeToForm[] = containers.map((_, position) => ({
    ...nodeOf(args.environment, position + 1),
    address: addressOf(args.subnet, position + 1),
    role: position < args.managers ? "manager" : "worker",
  }));
  return new command.local.Command(
    `${args.environment}-swarm-formed`,
    {
      interpreter: [...ownScript],
      logging: "none",
      create: "swarm/form.ts",
      environment: { SLIPWAY_NODES: JSON.stringify(nodes) },
      triggers: containers.map(({ id }) => id),
    },
    { parent, dependsOn: containers },
  );
}
