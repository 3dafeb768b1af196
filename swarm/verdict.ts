import { counts, type Scale, type ServiceState, type TaskState } from "./services.ts";

/** What is awaited of one service. */
export interface RolloutTarget {
  service: string;
  /** The image by digest that every task should run. */
  image: string;
  scale: Scale;
  /** How long new tasks must have been running, in milliseconds. */
  stableFor: number;
}

/** Whether a rollout is done, still going on, or has failed and why. */
export type Verdict =
  | { kind: "converged" }
  | { kind: "progressing"; detail: string }
  | { kind: "failed"; reason: string; task?: TaskState };

/** The states of a task that did not end well. */
export const ended: readonly string[] = ["failed", "rejected", "orphaned"];
const rolledBack = ["rollback_completed", "rollback_paused"];
const settled: readonly (string | undefined)[] = [undefined, "completed", "rollback_completed"];

/** How long a task may wait for a node before that counts as "cannot be scheduled", in milliseconds. */
const schedulingGrace = 5_000;

const newest = (tasks: TaskState[]): TaskState | undefined =>
  tasks.toSorted((one, other) => other.since.getTime() - one.since.getTime())[0];

const engineFault = /unable to remount dir as readonly.*device or resource busy/;

/**
 * Whether a container was not started for a fault of Docker's own that seldom comes twice (moby/moby#48783): it makes a task's secrets
 * read-only while something else still has them open.
 */
export const isEngineFault = ({ error = "" }: TaskState): boolean => engineFault.test(error);

/** How often that may happen to a service until it is no chance any more. */
const faultsBorne = 3;

/** The last task that did not end well, engine faults left out as long as they are few: Swarm makes another task. */
function lastFailure({ tasks }: ServiceState): TaskState | undefined {
  const failures = tasks.filter((task) => ended.includes(task.state));
  const own = failures.filter((task) => !isEngineFault(task));
  return newest(failures.length - own.length <= faultsBorne ? own : failures);
}

/**
 * The task that made Swarm give an update up: one of that update, and of those one that says why before one that ended well,
 * as a task does that is stopped because it is not healthy.
 */
function culprit(service: ServiceState, { image }: RolloutTarget, since: Date): TaskState | undefined {
  const own = service.tasks.filter((task) => task.created >= since && task.image === image && !counts(task));
  const failing = newest(own.filter((task) => ended.includes(task.state) || task.error !== undefined));
  return failing ?? newest(own.filter(({ state }) => state === "complete")) ?? newest(own);
}

const failed = (reason: string, task: TaskState | undefined): Verdict => ({
  kind: "failed",
  reason,
  ...(task ? { task } : {}),
});

function unschedulable(service: ServiceState, now: Date): TaskState | undefined {
  return service.tasks.find(
    (task) =>
      task.current &&
      task.state === "pending" &&
      task.desired === "running" &&
      task.error !== undefined &&
      now.getTime() - task.since.getTime() > schedulingGrace,
  );
}

/**
 * What Swarm itself says of an update that it does not carry on with. One that it has rolled back before is history: what
 * the service is set to now is what counts.
 */
function ofUpdate(service: ServiceState, target: RolloutTarget, since: Date): Verdict | undefined {
  const message = service.updateMessage ?? "no reason given";
  if (service.update === "paused")
    return failed(`Swarm paused the update: ${message}`, culprit(service, target, since));
  if (service.update === "rollback_started") return { kind: "progressing", detail: "Swarm is rolling it back" };
  if (service.update === "rollback_completed" && service.updateStarted && service.updateStarted < since)
    return undefined;
  if (!service.update || !rolledBack.includes(service.update)) return undefined;
  return failed(`Swarm rolled the update back: ${message}`, culprit(service, target, since));
}

function ofCompleting(service: ServiceState, since: Date): Verdict {
  const latest = newest(service.tasks.filter((task) => task.current));
  if (latest?.state === "complete") return { kind: "converged" };
  const retries = service.tasks.some(
    (task) => task.current && task.desired === "running" && !ended.includes(task.state),
  );
  if (latest && ended.includes(latest.state) && !retries && latest.created >= since) {
    return failed("its task did not end well", latest);
  }
  return { kind: "progressing", detail: latest ? `its task is ${latest.state}` : "its task is not there yet" };
}

function ofRunning(service: ServiceState, target: RolloutTarget, since: Date, now: Date): Verdict {
  const { desired, running } = service.replicas;
  const stale = service.tasks.filter((task) => !task.current && task.state === "running" && task.desired === "running");
  const newestStart = newest(service.tasks.filter((task) => task.current && task.state === "running"));
  const stable = !newestStart || now.getTime() - newestStart.since.getTime() >= target.stableFor;
  if (settled.includes(service.update) && running === desired && stale.length === 0) {
    return stable ? { kind: "converged" } : { kind: "progressing", detail: `${running}/${desired} run, watching them` };
  }
  // While Swarm updates, it decides itself whether a failed task ends the rollout; before, nothing else would.
  // A task from before may fail meanwhile, as when its node stops; Swarm makes another, and that one is judged.
  const failure = lastFailure(service);
  if (service.update === undefined && failure?.current && failure.created >= since) {
    return failed("a task did not stay up", failure);
  }
  return { kind: "progressing", detail: `${running}/${desired} run the new release` };
}

/** A scale in words. */
export function scaleText(scale: Scale): string {
  if (scale === "global") return "one task on every node";
  if (scale === "once") return "a task that runs once";
  return scale === 1 ? "1 task" : `${scale} tasks`;
}

/** What somebody else has set the service to. */
function ofSpecification({ image, scale }: ServiceState, target: RolloutTarget): Verdict | undefined {
  if (image !== target.image) return failed(`it is set to ${image}, not ${target.image}`, undefined);
  if (scale === target.scale) return undefined;
  return failed(`it is set to ${scaleText(scale)}, not ${scaleText(target.scale)}`, undefined);
}

/**
 * Judges one service's rollout from what Swarm reports.
 * @param since when the waiting began, by the engine's clock: what becomes of older tasks is not the rollout's doing
 * @param now the engine's present time
 */
export function verdict(service: ServiceState | undefined, target: RolloutTarget, since: Date, now: Date): Verdict {
  if (!service) return { kind: "progressing", detail: "Swarm does not list it yet" };
  const undone = service.scale === "once" ? undefined : ofUpdate(service, target, since);
  const other = undone ?? ofSpecification(service, target);
  if (other) return other;
  const waiting = unschedulable(service, now);
  if (waiting) return failed("no node can run a task of it", waiting);
  return service.scale === "once" ? ofCompleting(service, since) : ofRunning(service, target, since, now);
}
