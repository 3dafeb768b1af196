import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import { commitLabel, lastingLabel, namespaceLabel } from "../../swarm/services.ts";
import { containerSpec, filled, labelList, type References } from "./container-spec.ts";
import type { Deploy, Pace, Port, Stack, StackService } from "./model.ts";
import { durationText } from "./units.ts";

/** Networks of the engine itself, which every node has under the same name. */
const builtIn = ["host", "bridge", "none", "default"];

/** What a service is called in Swarm. */
export const serviceName = (namespace: string, name: string): string => `${namespace}_${name}`;

/** What a network is called in Swarm, where it may be one that somebody else made. */
export function networkName(namespace: string, name: string, stack: Stack): string {
  return stack.networks[name]?.name ?? `${namespace}_${name}`;
}

export const isBuiltIn = (network: string): boolean => builtIn.includes(network);

/** The networks that a service's tasks join, by their names in the file. */
export function networksOf(service: StackService): NonNullable<StackService["networks"]> {
  const { networks = {} } = service;
  return Object.keys(networks).length > 0 ? networks : { default: null };
}

function attachments(name: string, service: StackService, stack: Stack, of: References) {
  return Object.entries(networksOf(service)).map(([network, given]) => {
    const named = isBuiltIn(networkName(of.namespace, network, stack)) ? [] : [name];
    const aliases = [...new Set([...(given?.aliases ?? []), ...named])];
    const driverOpts = Object.entries(given?.driver_opts ?? {}).map(([key, value]) => `${key}=${value}`);
    return filled<docker.types.input.ServiceTaskSpecNetworksAdvanced>({ id: of.network(network), aliases, driverOpts });
  });
}

function paceOf(pace: Pace | undefined): docker.types.input.ServiceUpdateConfig | undefined {
  if (!pace) return undefined;
  const { parallelism = 1, delay = 0, monitor, failure_action, max_failure_ratio = 0, order } = pace;
  return {
    parallelism,
    delay: durationText(delay),
    failureAction: failure_action || "pause",
    monitor: durationText(monitor || 5e9),
    maxFailureRatio: max_failure_ratio.toFixed(1),
    order: order || "stop-first",
  };
}

/** Of Docker's older key, which `docker stack deploy` reads where the newer one is not given. */
function olderRestart(restart: string | undefined): Deploy["restart_policy"] {
  if (!restart?.startsWith("on-failure")) return restart === "no" ? {} : { condition: "any" };
  return { condition: "on-failure", max_attempts: Number(restart.split(":")[1] ?? 0) };
}

/** Swarm's own policy is written out: the docker plugin would say "no delay" for what is left out. */
function restartPolicy(service: StackService): docker.types.input.ServiceTaskSpecRestartPolicy {
  const { condition, delay, max_attempts, window } =
    service.deploy?.restart_policy ?? olderRestart(service.restart) ?? {};
  return {
    condition: condition || "any",
    delay: durationText(delay ?? 5e9),
    maxAttempts: max_attempts ?? 0,
    window: durationText(window ?? 0),
  };
}

/** Never left out: the docker plugin takes no word of limits, or of where tasks may run, for "as before". */
function resources(given: Deploy["resources"]): docker.types.input.ServiceTaskSpecResources {
  const { limits, reservations } = given ?? {};
  const generic = reservations?.generic_resources?.map(({ kind, value }) => `${kind}=${value}`) ?? [];
  return {
    limits: { nanoCpus: limits?.cpus ?? 0, memoryBytes: limits?.memory ?? 0 },
    reservation: {
      nanoCpus: reservations?.cpus ?? 0,
      memoryBytes: reservations?.memory ?? 0,
      ...(generic.length > 0 ? { genericResources: { discreteResourcesSpecs: generic } } : {}),
    },
  };
}

function mode({ deploy }: StackService): docker.types.input.ServiceMode {
  return deploy?.mode === "global" ? { global: true } : { replicated: { replicas: deploy?.replicas ?? 1 } };
}

function ports(given: Port[] = []): docker.types.input.ServiceEndpointSpecPort[] {
  return given
    .toSorted((one, other) => (one.published ?? 0) - (other.published ?? 0))
    .map(({ target, published, protocol, mode: publishMode }) => ({
      targetPort: target,
      ...(published ? { publishedPort: published } : {}),
      protocol: protocol || "tcp",
      publishMode: publishMode || "ingress",
    }));
}

/** Whether Swarm starts tasks of it again that ended well. */
export const isRestarted = (service: StackService): boolean => restartPolicy(service).condition === "any";

export interface ServiceContext {
  stack: Stack;
  of: References;
  /** Whether its tasks run to their end. */
  completes: boolean;
  commit?: pulumi.Input<string>;
  /** Swarm's counter; a higher one replaces tasks though nothing else changed. */
  forceUpdate: pulumi.Input<number>;
}

/** The Swarm service that `docker stack deploy` makes of a service in a stack file. */
export function serviceArgs(name: string, service: StackService, context: ServiceContext): docker.ServiceArgs {
  const { stack, of, completes, commit, forceUpdate } = context;
  const { deploy, logging } = service;
  const labels = {
    ...deploy?.labels,
    [namespaceLabel]: of.namespace,
    "com.docker.stack.image": service.image ?? "",
    ...(completes || isRestarted(service) ? {} : { [lastingLabel]: "true" }),
  };
  const { constraints, preferences: prefs, max_replicas_per_node: maxReplicas = 0 } = deploy?.placement ?? {};
  return filled<docker.ServiceArgs>({
    name: serviceName(of.namespace, name),
    labels: [...labelList(labels), ...(commit === undefined ? [] : [{ label: commitLabel, value: commit }])],
    mode: mode(service),
    updateConfig: paceOf(deploy?.update_config),
    rollbackConfig: paceOf(deploy?.rollback_config),
    taskSpec: filled<docker.types.input.ServiceTaskSpec>({
      containerSpec: containerSpec(service, stack, of),
      logDriver: logging ? filled({ name: logging.driver ?? "", options: logging.options }) : undefined,
      networksAdvanceds: attachments(name, service, stack, of),
      placement: filled({ constraints, prefs, maxReplicas }),
      resources: resources(deploy?.resources),
      restartPolicy: restartPolicy(service),
      forceUpdate,
    }),
    endpointSpec: filled({ mode: deploy?.endpoint_mode || "vip", ports: ports(service.ports) }),
  });
}
