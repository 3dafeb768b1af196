import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { connect } from "../swarm/engine.ts";
import { Rollouts } from "../swarm/rollouts.ts";
import { readServices, type ServiceState } from "../swarm/services.ts";
import { Contents } from "./contents.ts";

/** The Swarm that components put their resources into. */
export interface SwarmTarget {
  /** The environment, which is the namespace that `docker stack` groups by. */
  environment: string;
  /** The address of a manager's engine. */
  engine: string;
  /** The provider that talks to a manager. */
  provider: docker.Provider;
  /** Waits until rollouts are true. */
  rollouts: Rollouts;
  /** What the Swarm ran before this update; empty when it does not exist yet. */
  before: Promise<ServiceState[]>;
  /** What configs and secrets hold and held. */
  contents: Contents;
  /** When this is deleted, everything in the Swarm goes with it and is not deleted one by one. */
  anchor?: pulumi.Resource;
}

/** What a component inside a Swarm passes to each of its children. */
export function childOptions(
  target: SwarmTarget,
  parent: pulumi.Resource | undefined,
  more: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return {
    ...(parent ? { parent } : {}),
    provider: target.provider,
    ...(target.anchor ? { deletedWith: target.anchor } : {}),
    ...more,
  };
}

/**
 * The Swarm behind `engine`, seen before anything is changed.
 * @param engine the address of a manager
 */
export function swarmTarget(
  environment: string,
  engine: string,
  provider: docker.Provider,
  { contents = new Contents(), anchor }: { contents?: Contents; anchor?: pulumi.Resource | undefined } = {},
): SwarmTarget {
  const client = connect(engine);
  return {
    environment,
    engine,
    provider,
    rollouts: new Rollouts(client, environment),
    before: readServices(client, environment).catch(() => []),
    contents,
    ...(anchor ? { anchor } : {}),
  };
}

/** An error whose message alone reaches the person: Pulumi prints the stack of an error where it has one. */
export function plainError(error: unknown): pulumi.RunError {
  const plain = new pulumi.RunError(error instanceof Error ? error.message : String(error));
  plain.stack = plain.message;
  return plain;
}
