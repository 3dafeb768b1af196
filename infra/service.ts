import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Scale, ServiceState } from "../swarm/services.ts";
import { isAdopting } from "./adopted.ts";
import type { ContentConfig, ContentSecret } from "./content-named.ts";
import { serviceDefaults, serviceSpec } from "./service-spec.ts";
import { childOptions, plainError, type SwarmTarget } from "./swarm-target.ts";

export interface ServiceArgs {
  /** The image by digest. */
  image: pulumi.Input<string>;
  /** Ids of the overlay networks that the tasks join, or `host` for the network of the node itself. */
  networks: pulumi.Input<string>[] | "host";
  args?: string[];
  env?: Record<string, pulumi.Input<string>>;
  /** Tasks to run, or `global` for one on every node. Default 1. */
  replicas?: number | "global";
  /** Memory limit of a task in MiB. Default 128. */
  memory?: number;
  secrets?: { secret: ContentSecret; file: string; mode?: number }[];
  configs?: { config: ContentConfig; file: string }[];
  volumes?: { name: string; target: string }[];
  /** Files, folders and sockets of the node, which the tasks find where they are there. */
  binds?: { source: string; readOnly?: boolean }[];
  /** As whom the tasks run, `uid:gid`. The image's own by default. */
  user?: string;
  /** The folder in which they run. The image's own by default. */
  dir?: string;
  /** Ports on every node that runs a task, in host mode. They rule out `start-first`. */
  ports?: { published: number; target: number }[];
  constraints?: string[];
  healthcheck?: docker.types.input.ServiceTaskSpecContainerSpecHealthcheck;
  /** Whether a new task starts before the old one stops. Default `start-first`. */
  order?: "start-first" | "stop-first";
  /** Seconds between SIGTERM and SIGKILL. Default 10. */
  stopGrace?: number;
  /** Seconds that a new task must stay healthy before the rollout goes on. Default 2. */
  monitor?: number;
  /** The tasks run to their end, once for each change, rather than for ever. Default false. */
  completes?: boolean;
  /** The commit that the tasks run, for people and for `promote status`. */
  commit?: pulumi.Input<string>;
  /** Seconds after which a rollout that has not converged counts as failed. Default 180. */
  limit?: number;
}

const stuck = ["paused", "rollback_paused"];

/**
 * The counter that makes Swarm start tasks again: one more when the last rollout of the service got stuck, so that the next
 * update tries again though the service is set to what is wanted already; else as it is. One that Swarm has rolled back is
 * set to what it was before, which Pulumi sees.
 */
export function forceUpdateAfter(before: ServiceState | undefined): number {
  if (!before) return 0;
  const failed = before.scale === "once" ? !before.tasks.some(isFine) : stuck.includes(before.update ?? "");
  return failed ? before.forceUpdate + 1 : before.forceUpdate;
}

const isFine = ({ current, state }: ServiceState["tasks"][number]): boolean =>
  current && !["failed", "rejected", "orphaned"].includes(state);

/**
 * What the engine fills in, and what would then be taken for a change: platforms, when it can ask the registry, and the id
 * of the node's own network, which nobody can know before.
 */
const filledIn = ({ networks }: ServiceArgs): string[] => [
  "taskSpec.placement.platforms",
  ...(networks === "host" ? ["taskSpec.networksAdvanceds"] : []),
];

function rejectConflicts(name: string, args: ServiceArgs): void {
  if (args.ports?.length && args.order === "start-first") {
    throw new pulumi.RunError(
      `${name}: \`ports\` and \`order: "start-first"\` exclude each other: a new task cannot start while the old one holds the port`,
    );
  }
}

/** One Swarm service with safe defaults, whose rollout is awaited: it is there once its tasks say so. */
export class Service extends docker.Service {
  /** The service's name in Swarm, `ENVIRONMENT_name`, by which other tasks find it. */
  readonly serviceName: pulumi.Output<string>;
  /** The service's name and what it is to run, for those who ask Swarm. */
  readonly runs: Record<string, Scale>;
  /** The service's name and the names of the secrets and configs that its tasks are given. */
  readonly files: Record<string, pulumi.Output<string[]>>;
  /** The service, known only once every task runs the image and is healthy: depend on this. */
  readonly ready: pulumi.Output<docker.Service>;

  constructor(name: string, target: SwarmTarget, args: ServiceArgs, opts: pulumi.CustomResourceOptions = {}) {
    rejectConflicts(name, args);
    const order = args.ports?.length ? "stop-first" : serviceDefaults.order;
    const complete = { ...serviceDefaults, order, ...args } as const;

    const fullName = `${target.environment}_${name}`;
    const counter = target.before.then((services) => forceUpdateAfter(services.find((one) => one.name === fullName)));
    super(`${name}-service`, serviceSpec(target.environment, name, complete, counter), {
      ...childOptions(target, opts.parent, opts),
      ignoreChanges: [...filledIn(args), ...(opts.ignoreChanges ?? [])],
      // There was a component around each service once.
      aliases: [{ parent: pulumi.createUrn(name, "slipway:infra:Service", opts.parent) }, ...(opts.aliases ?? [])],
    });
    const scale = complete.completes ? "once" : complete.replicas;
    this.serviceName = this.name;
    this.runs = { [fullName]: scale };
    const given = [...(args.secrets ?? []).map((one) => one.secret), ...(args.configs ?? []).map((one) => one.config)];
    this.files = { [fullName]: pulumi.all(given.map((one) => one.name)) };
    this.ready = rolledOut(this, target, { ...complete, service: fullName, scale });
  }
}

/** What is awaited of a service, with seconds for times. */
export interface Awaited {
  service: string;
  image: pulumi.Input<string>;
  scale: Scale;
  monitor: number;
  limit?: number;
}

/** The service, known once Swarm has every task of it running as it should; a preview does not wait. */
export function rolledOut(service: docker.Service, target: SwarmTarget, args: Awaited): pulumi.Output<docker.Service> {
  // The id is known only once the provider has told Swarm. A preview, and taking over what runs, change nothing to await.
  return pulumi.all([service.id, service.taskSpec, args.image]).apply(async ([_id, _spec, image]) => {
    if (pulumi.runtime.isDryRun() || isAdopting) return service;
    const wanted = { service: args.service, image, scale: args.scale, stableFor: args.monitor * 1_000 };
    await target.rollouts.converged(wanted, (args.limit ?? 180) * 1_000).catch((error: unknown) => {
      throw plainError(error);
    });
    return service;
  });
}
