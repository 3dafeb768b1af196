import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** One node of an environment's Swarm whose engine can be reached by itself. */
export interface ClusterNode {
  /** Its host name, which Swarm knows it by. */
  name: string;
  /** The container that it is, where it is one on this machine. */
  container?: string;
  /** The address of its engine's API. */
  engine: string;
  /** What it is to be, where that is not active. */
  availability?: string;
}

/** The Swarm of an environment, wherever it is. */
export interface Cluster {
  /** Its nodes, where they are the environment's own. */
  readonly nodes: pulumi.Input<ClusterNode[]>;
  /** Where the edge is reached, node by node unless somebody has said it. */
  readonly addresses: string[];
  readonly provider: docker.Provider;
  /** The address of a manager's engine. */
  readonly engine: string;
  /** What everything inside the Swarm goes with when it is deleted; none where the Swarm stays. */
  readonly anchor?: pulumi.Resource | undefined;
  /** How often its hosts were put right, to be given again the next time; none where it is not made of hosts. */
  readonly revision?: pulumi.Input<number>;
  /** The placement constraint that names the node that keeps data. */
  readonly dataNode: string;
}
