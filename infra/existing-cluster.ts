import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { ApiNode } from "../swarm/api-types.ts";
import { reachOf, readCertificates } from "../swarm/engine-address.ts";
import { examine } from "../swarm/examine.ts";
import { dataLabel } from "../swarm/hosts-plan.ts";
import { addressesOf } from "../swarm/node-addresses.ts";
import { sshOptions } from "../swarm/ssh-connection.ts";
import type { Cluster, ClusterNode } from "./cluster.ts";
import { registryLogins } from "./registry-logins.ts";
import { plainError } from "./swarm-target.ts";

export interface ExistingClusterArgs {
  environment: string;
  /** The address of a manager. */
  engine: string;
  /** The nodes of its Swarm, as it lists them. */
  nodes: ApiNode[];
  /** Where the edge is reached. By default at the address of each node. */
  addresses: string[];
  /** `host:port` of the registry that nodes pull from. */
  registry: string;
}

/** A Swarm that is there already. What is put into it is taken out again; it stays, and so do its nodes. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  /** None: they are somebody else's. */
  readonly nodes: ClusterNode[] = [];
  readonly addresses: string[];
  readonly provider: docker.Provider;
  readonly engine: string;
  readonly dataNode: string;

  constructor(name: string, args: ExistingClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:ExistingCluster", name, {}, opts);
    this.engine = args.engine;
    this.addresses = args.addresses.length > 0 ? args.addresses : edgesOn(args.nodes);
    this.dataNode = constraintOf(args);
    this.provider = new docker.Provider(`${name}-swarm`, providerArgs(args), { parent: this });
    this.registerOutputs({ engine: this.engine, addresses: this.addresses });
  }
}

/**
 * What the docker provider is told of an engine, and of the registry that its nodes pull from. Private keys are a secret of the stack,
 * so that any machine can use it.
 */
export const providerArgs = ({ engine, registry }: { engine: string; registry: string }): docker.ProviderArgs => ({
  ...connectionArgs(engine),
  ...registryLogins(registry),
});

function connectionArgs(engine: string): docker.ProviderArgs {
  const reach = reachOf(engine);
  if (reach.by === "unix") return { host: `unix://${reach.socket}` };
  if (reach.by === "ssh") {
    const { host, user, port } = reach;
    const address = `ssh://${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`;
    return { host: address, sshOpts: [...sshOptions] };
  }
  const { ca, cert, key } = readCertificates(reach.certificates);
  return {
    host: `tcp://${reach.host}:${reach.port}`,
    caMaterial: ca,
    certMaterial: pulumi.secret(cert),
    keyMaterial: pulumi.secret(key),
  };
}

/** The edge runs on every node that takes tasks. An address of IPv6 stands in brackets. */
const edgesOn = (nodes: ApiNode[]): string[] =>
  addressesOf(nodes).map(({ address }) => `http://${address.includes(":") ? `[${address}]` : address}`);

/** Nobody guesses where data is kept: the next guess could be another node. */
function constraintOf({ environment, engine, nodes }: ExistingClusterArgs): string {
  const count = nodes.filter(({ Spec }) => Spec?.Labels?.[dataLabel] === "true").length;
  if (count === 1) return `node.labels.${dataLabel}==true`;
  const names = nodes.map(({ Description, ID }) => Description?.Hostname ?? ID).join(", ");
  const [found, to] =
    count === 0
      ? ["No node says", `one: docker node update --label-add ${dataLabel}=true NODE`]
      : [`${count} nodes say`, `all but one: docker node update --label-rm ${dataLabel} NODE`];
  throw new pulumi.RunError(
    `${found} that it keeps the data of ${environment}, in the Swarm of ${engine} (${names}). Label ${to}`,
  );
}

/**
 * The nodes of the Swarm that a manager is of, asked before anything is changed.
 * @throws RunError in words when it cannot be asked, or is no manager that can be used
 */
export async function nodesAt(environment: string, engine: string): Promise<ApiNode[]> {
  const found = await examine(engine);
  if (!("why" in found)) return found.nodes;
  throw plainError(
    new Error(`The manager of ${environment}, ${engine}, cannot be used: ${found.why}\nNext: ${found.next}`),
  );
}
