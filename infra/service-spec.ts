import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import { commitLabel, namespaceLabel } from "../swarm/services.ts";
import type { ServiceArgs } from "./service.ts";

const mebibyte = 1024 * 1024;

/** Everything that a caller may leave out, with the value that is safe when nothing else is known. */
export const serviceDefaults = {
  replicas: 1,
  memory: 128,
  stopGrace: 10,
  monitor: 2,
  order: "start-first",
  completes: false,
} as const;

type Complete = ServiceArgs & Required<Pick<ServiceArgs, keyof typeof serviceDefaults>>;

/** What Swarm calls the network of the node itself. */
const hostNetwork = "host";

const label = (name: string, value: pulumi.Input<string>) => ({ label: name, value });

function labels(environment: string, args: Complete): docker.types.input.ServiceLabel[] {
  const own = [label(namespaceLabel, environment), label("com.docker.stack.image", args.image)];
  return args.commit === undefined ? own : [...own, label(commitLabel, args.commit)];
}

/** Seconds as Go writes them, `5m5s`: any other way of saying it looks like a change to the provider. */
function duration(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/**
 * How Swarm replaces tasks: one at a time, watching each, going back as a whole when one fails. Of a task that runs to its
 * end Swarm would say that it ended early, so its failure is judged by its exit code alone.
 */
function updates(args: Complete): Pick<docker.ServiceArgs, "updateConfig" | "rollbackConfig"> {
  const pace = { parallelism: 1, monitor: duration(args.monitor), maxFailureRatio: "0.0", order: args.order };
  return {
    updateConfig: { ...pace, failureAction: args.completes ? "continue" : "rollback" },
    rollbackConfig: { ...pace, failureAction: "pause" },
  };
}

const restartPolicy = (args: Complete): docker.types.input.ServiceTaskSpecRestartPolicy =>
  args.completes
    ? { condition: "on-failure", maxAttempts: 2, delay: "1s", window: "0s" }
    : { condition: "any", delay: "1s", window: "10s" };

const mode = (args: Complete): docker.types.input.ServiceMode =>
  args.replicas === "global" ? { global: true } : { replicated: { replicas: args.replicas } };

const containerSpec = (environment: string, args: Complete): docker.types.input.ServiceTaskSpecContainerSpec => ({
  image: args.image,
  ...(args.args ? { args: args.args } : {}),
  // Never empty: the provider takes an empty environment for an unknown one and would update the service every time.
  env: { ENVIRONMENT: environment, ...args.env },
  ...(args.healthcheck ? { healthcheck: args.healthcheck } : {}),
  stopGracePeriod: duration(args.stopGrace),
  labels: [label(namespaceLabel, environment)],
  ...(args.user === undefined ? {} : { user: args.user }),
  ...(args.dir === undefined ? {} : { dir: args.dir }),
  mounts: [
    ...(args.volumes ?? []).map(({ name, target }) => ({ type: "volume", source: name, target })),
    ...(args.binds ?? []).map(({ source, readOnly = false }) => ({ type: "bind", source, target: source, readOnly })),
  ],
  secrets: (args.secrets ?? []).map(({ secret, file, mode: fileMode }) => ({
    secretId: secret.id,
    secretName: secret.name,
    fileName: file,
    ...(fileMode === undefined ? {} : { fileMode }),
  })),
  configs: (args.configs ?? []).map(({ config, file }) => ({
    configId: config.id,
    configName: config.name,
    fileName: file,
  })),
});

/** Without its empty lists: the provider takes such a list for a change of the service, every time. */
const given = <Spec extends object>(spec: Spec): Spec =>
  Object.fromEntries(Object.entries(spec).filter(([, value]) => !(Array.isArray(value) && value.length === 0))) as Spec;

/**
 * The Swarm service that `args` describes.
 * @param environment its namespace: the service is called `ENVIRONMENT_name`
 * @param forceUpdate Swarm's counter; a higher one replaces tasks though nothing else changed
 */
export function serviceSpec(
  environment: string,
  name: string,
  args: Complete,
  forceUpdate: pulumi.Input<number>,
): docker.ServiceArgs {
  return {
    name: `${environment}_${name}`,
    labels: labels(environment, args),
    mode: mode(args),
    ...updates(args),
    taskSpec: {
      containerSpec: given(containerSpec(environment, args)),
      networksAdvanceds: (args.networks === "host" ? [hostNetwork] : args.networks).map((id) => ({ id })),
      // Swarm itself puts a service's tasks on the nodes that run the fewest of them. Never without a constraint: the provider
      // takes none for "as before", and a service would keep one that is not in the program any more.
      placement: { constraints: ["node.platform.os==linux", ...(args.constraints ?? [])] },
      resources: { limits: { memoryBytes: args.memory * mebibyte } },
      restartPolicy: restartPolicy(args),
      forceUpdate,
    },
    endpointSpec: given({
      // No virtual IP: it keeps sending connections to tasks that are stopping (moby/moby#30321).
      mode: "dnsrr",
      ports: (args.ports ?? []).map(({ published, target }) => ({
        publishedPort: published,
        targetPort: target,
        publishMode: "host",
      })),
    }),
  };
}
