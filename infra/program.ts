import type * as pulumi from "@pulumi/pulumi";

import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import type { Scale } from "../swarm/services.ts";
import type { SwarmTarget } from "./swarm-target.ts";

/** What an application's program is given to declare it with. */
export interface Given {
  environment: EnvironmentName;
  /** The environment's Swarm, with the application's name for a namespace: what components are put into. */
  target: SwarmTarget;
  /** The commit and its images by digest, by the names that delivery.yaml has for them. */
  release: Release;
  /** The host names of the nodes that take tasks. */
  nodes: string[];
  /** The placement constraint that names the one node that keeps data. */
  dataNode: string;
  /** The images of `Edge` and `Database`. */
  images: { edge: pulumi.Input<string>; door: pulumi.Input<string>; postgres: pulumi.Input<string> };
  /** A certificate with its chain and its key, as PEM, where the application's stack is configured with one. */
  certificate: string | undefined;
  /** How long an edge that is replaced keeps the connections that it has, in seconds, as the stack is configured. */
  linger: number;
}

/** What is known of something that was declared: a `Service`, a `StackFile`. */
export interface Declared {
  /** What each service is to run, by its name in Swarm. */
  runs: Record<string, Scale>;
  /** The names of the secrets and configs that each service's tasks are given, by its name in Swarm. */
  files: Record<string, pulumi.Output<string[]>>;
  /** Known once all tasks run as they should. */
  ready: pulumi.Output<unknown> | Record<string, pulumi.Output<unknown>>;
}

/**
 * Declares an application: what a module that delivery.yaml names as `program` exports as `application`.
 * @returns all that was declared, so that a delivery awaits it and whoever asks Swarm knows it
 */
export type Program = (given: Given) => Declared[] | Promise<Declared[]>;
