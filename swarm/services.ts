import type Docker from "dockerode";

import type { ApiNode, ApiService, ApiTask } from "./api-types.ts";
import { mayRunOn } from "./constraints.ts";

/** The label by which `docker stack` groups what belongs together. */
export const namespaceLabel = "com.docker.stack.namespace";

/** The label that says which commit a service's tasks run. */
export const commitLabel = "slipway.commit";

/** The label of a service whose tasks run for ever though Swarm is not to start each of them again when it ends. */
export const lastingLabel = "slipway.lasting";

/** One task as Swarm reports it. */
export interface TaskState {
  id: string;
  /** The node's host name, or its id when the node is gone. */
  node: string;
  /** Swarm's state: new … running, complete, failed, rejected, orphaned. `running` includes healthy. */
  state: string;
  desired: string;
  image: string;
  /** Whether the task runs the service's present specification, not an earlier one. */
  current: boolean;
  error?: string;
  exitCode?: number;
  /** Its IP addresses in the networks that it is on. */
  addresses: string[];
  created: Date;
  /** Since when it has been in its state. */
  since: Date;
}

/** What a service is to run: so many tasks, `global` for one on every node, `once` for one that runs to its end. */
export type Scale = number | "global" | "once";

/** One service as Swarm reports it. */
export interface ServiceState {
  name: string;
  image: string;
  /** Swarm's counter that makes it replace tasks though nothing else changed. */
  forceUpdate: number;
  /** Tasks that should run and tasks that do: running, healthy and of the present specification. */
  replicas: { desired: number; running: number };
  commit?: string;
  /** State of the last update: updating, completed, paused, rollback_started, rollback_completed, … */
  update?: string;
  updateMessage?: string;
  updateStarted?: Date;
  scale: Scale;
  tasks: TaskState[];
}

/** What one read of a Swarm returns. */
interface Read {
  services: ApiService[];
  tasks: ApiTask[];
  nodes: ApiNode[];
}

async function read(engine: Docker, namespace: string): Promise<Read> {
  const filters = { label: [`${namespaceLabel}=${namespace}`] };
  const [services, tasks, nodes] = await Promise.all([
    engine.listServices({ filters }) as Promise<ApiService[]>,
    engine.listTasks({ filters }) as Promise<unknown[]> as Promise<ApiTask[]>,
    engine.listNodes() as Promise<unknown[]> as Promise<ApiNode[]>,
  ]);
  return { services, tasks, nodes };
}

/** Parts of a task's specification that Swarm may fill in or change without replacing the task. */
const comparable = (spec: object | undefined): string =>
  JSON.stringify(spec, (key, value: unknown) =>
    key === "Placement" || key === "PullOptions" || key === "Runtime" || value === null ? undefined : value,
  );

const imageOf = (spec: ApiTask["Spec"]): string => spec?.ContainerSpec?.Image ?? "";

/** `10.0.1.5/24` → `10.0.1.5`. */
const withoutPrefix = (address: string): string => address.split("/")[0] ?? address;

function taskState(task: ApiTask, service: ApiService, names: Map<string, string>): TaskState {
  const status = task.Status;
  const exitCode = status?.ContainerStatus?.ExitCode;
  const nodeId = task.NodeID ?? "";
  return {
    id: task.ID,
    node: names.get(nodeId) ?? nodeId,
    state: status?.State ?? "new",
    desired: task.DesiredState ?? "running",
    image: imageOf(task.Spec),
    current: comparable(task.Spec) === comparable(service.Spec?.TaskTemplate),
    ...(status?.Err ? { error: status.Err } : {}),
    ...(exitCode ? { exitCode } : {}),
    addresses: (task.NetworksAttachments ?? []).flatMap(({ Addresses }) => Addresses ?? []).map(withoutPrefix),
    created: new Date(task.CreatedAt ?? 0),
    since: new Date(status?.Timestamp ?? 0),
  };
}

/** A task that was told to stop may run for a while yet, and counts no more. */
export const counts = ({ current, state, desired }: TaskState): boolean =>
  current && state === "running" && desired === "running";

/** Whether a task was told to stop and has not ended yet. */
export const isStopping = ({ state, desired }: TaskState): boolean => state === "running" && desired !== "running";

const usable = (node: ApiNode): boolean => node.Spec?.Availability === "active" && node.Status?.State === "ready";

function scaleOf(spec: ApiService["Spec"]): Scale {
  if (spec?.TaskTemplate?.RestartPolicy?.Condition !== "any" && spec?.Labels?.[lastingLabel] === undefined)
    return "once";
  return spec?.Mode?.Global ? "global" : (spec?.Mode?.Replicated?.Replicas ?? 0);
}

function serviceState(service: ApiService, { tasks, nodes }: Read): ServiceState {
  const names = new Map(nodes.map((node) => [node.ID, node.Description?.Hostname ?? node.ID]));
  const own = tasks.filter((task) => task.ServiceID === service.ID).map((task) => taskState(task, service, names));
  const spec = service.Spec;
  const eligible = () =>
    nodes.filter((node) => usable(node) && mayRunOn(node, spec?.TaskTemplate?.Placement?.Constraints));
  const desired = spec?.Mode?.Global ? eligible().length : (spec?.Mode?.Replicated?.Replicas ?? 0);
  const update = service.UpdateStatus;
  const commit = spec?.Labels?.[commitLabel];
  return {
    name: spec?.Name ?? service.ID,
    image: imageOf(spec?.TaskTemplate),
    forceUpdate: spec?.TaskTemplate?.ForceUpdate ?? 0,
    replicas: { desired, running: own.filter(counts).length },
    ...(commit === undefined ? {} : { commit }),
    ...(update?.State ? { update: update.State } : {}),
    ...(update?.Message ? { updateMessage: update.Message } : {}),
    ...(update?.StartedAt ? { updateStarted: new Date(update.StartedAt) } : {}),
    scale: scaleOf(spec),
    tasks: own,
  };
}

/**
 * What the services of one namespace run, as Swarm reports it in three API calls.
 * @param namespace the environment's name, which `docker stack` shows as the stack
 */
export async function readServices(engine: Docker, namespace: string): Promise<ServiceState[]> {
  const state = await read(engine, namespace);
  return state.services
    .map((service) => serviceState(service, state))
    .sort((one, other) => one.name.localeCompare(other.name));
}
