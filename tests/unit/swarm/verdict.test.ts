import { describe, expect, test } from "vitest";

import type { ServiceState, TaskState } from "../../../swarm/services.ts";
import { type Verdict, verdict } from "../../../swarm/verdict.ts";

const started = new Date("2026-01-01T00:00:00Z");
const now = new Date("2026-01-01T00:01:00Z");
const target = { service: "production_app", image: "app@sha256:new", scale: 1, stableFor: 2_000 };

const task = (over: Partial<TaskState> = {}): TaskState => ({
  id: "task",
  node: "production-1",
  state: "running",
  desired: "running",
  image: target.image,
  current: true,
  addresses: [],
  created: new Date("2026-01-01T00:00:20Z"),
  since: new Date("2026-01-01T00:00:30Z"),
  ...over,
});

const engineFault = (): TaskState => {
  const folder = "/var/lib/docker/containers/5b78/mounts/secrets";
  const error = `starting container failed: unable to remount dir as readonly: mount tmpfs:${folder}, flags: 0x21, data: uid=0,gid=0: device or resource busy`;
  return task({ state: "failed", exitCode: 128, error });
};

const service = (tasks: TaskState[], over: Partial<ServiceState> = {}): ServiceState => ({
  name: target.service,
  image: target.image,
  forceUpdate: 0,
  replicas: { desired: 1, running: tasks.filter((one) => one.current && one.state === "running").length },
  scale: 1,
  tasks,
  ...over,
});

const cases: [fact: string, service: ServiceState | undefined, kind: Verdict["kind"], reason?: string][] = [
  ["a service that Swarm does not list yet is progressing", undefined, "progressing"],
  ["every task running and stable is converged", service([task()]), "converged"],
  ["a task that runs for less than the stable time is progressing", service([task({ since: now })]), "progressing"],
  ["too few tasks are progressing", service([], {}), "progressing"],
  ["an old task beside the new ones is progressing", service([task(), task({ current: false })]), "progressing"],
  ["a running update is progressing though all tasks run", service([task()], { update: "updating" }), "progressing"],
  ["a completed update with all tasks running is converged", service([task()], { update: "completed" }), "converged"],
  ["a paused update has failed", service([task()], { update: "paused" }), "failed", "paused"],
  ["a rolled back update has failed", service([task()], { update: "rollback_completed" }), "failed", "rolled"],
  [
    "one that was rolled back before the wait is what it is set to now",
    service([task()], { update: "rollback_completed", updateStarted: new Date("2025-12-31T23:00:00Z") }),
    "converged",
  ],
  [
    "one that was rolled back since has failed, though all tasks run",
    service([task()], { update: "rollback_completed", updateStarted: new Date("2026-01-01T00:00:05Z") }),
    "failed",
    "rolled",
  ],
  ["a paused rollback has failed", service([task()], { update: "rollback_paused" }), "failed", "rolled"],
  ["a rollback that goes on is awaited", service([task()], { update: "rollback_started" }), "progressing"],
  ["another scale has failed", service([], { scale: 0 }), "failed", "set to 0 tasks, not 1 task"],
  ["another image in the specification has failed", service([task()], { image: "app@sha256:old" }), "failed", "set to"],
  [
    "a task that no node can take has failed after a while",
    service([task({ state: "pending", error: "no suitable node" })]),
    "failed",
    "no node",
  ],
  [
    "a task that waits for a node for a moment is progressing",
    service([task({ state: "pending", error: "no suitable node", since: now })]),
    "progressing",
  ],
  [
    "a task of a new service that fails has failed at once",
    service([task({ state: "failed", exitCode: 1 })]),
    "failed",
    "did not stay up",
  ],
  [
    "a container that was not started for a fault of Docker's own is progressing, since Swarm makes another",
    service([engineFault(), task({ state: "starting" })]),
    "progressing",
  ],
  [
    "such a fault hides no failure of the service's own",
    service([engineFault(), task({ state: "failed", exitCode: 1 })]),
    "failed",
    "did not stay up",
  ],
  [
    "such a fault that comes again and again has failed",
    service([engineFault(), engineFault(), engineFault(), engineFault()]),
    "failed",
    "did not stay up",
  ],
  [
    "what becomes of a task from before is not the rollout's doing",
    service([task({ state: "failed", created: new Date("2025-12-31T23:00:00Z") })]),
    "progressing",
  ],
  [
    "a failure during an update is left to Swarm's own verdict",
    service([task({ state: "failed" })], { update: "updating" }),
    "progressing",
  ],
  ["a run that ended well is converged", service([task({ state: "complete" })], { scale: "once" }), "converged"],
  [
    "a run that ended well is converged though Swarm calls its end early",
    service([task({ state: "complete" })], { scale: "once", update: "paused" }),
    "converged",
  ],
  ["a run that goes on is progressing", service([task()], { scale: "once" }), "progressing"],
  [
    "a run that failed and is not tried again has failed",
    service([task({ state: "failed", desired: "shutdown" })], { scale: "once" }),
    "failed",
    "did not end well",
  ],
  [
    "a run that failed and is tried again is progressing",
    service([task({ state: "failed", desired: "shutdown" }), task({ state: "ready" })], { scale: "once" }),
    "progressing",
  ],
];

describe("verdict", () => {
  test.each(cases)("%s", (_fact, state, kind, reason) => {
    const result = verdict(state, state?.scale === "once" ? { ...target, scale: "once" } : target, started, now);
    expect(result.kind).toBe(kind);
    if (reason) expect(result).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  test("a failure names the newest failed task", () => {
    const older = task({ id: "older", state: "failed" });
    const newer = task({ id: "newer", state: "failed", since: new Date("2026-01-01T00:00:40Z") });
    const result = verdict(service([older, newer], { update: "paused" }), target, started, now);
    expect(result).toMatchObject({ task: { id: "newer" } });
  });
});

test("the task that is named is one of the update that failed, not an earlier one's", () => {
  const earlier = task({
    id: "earlier",
    state: "failed",
    current: false,
    created: new Date("2025-12-31T23:00:00Z"),
    since: now,
  });
  const mine = task({
    id: "mine",
    state: "shutdown",
    desired: "shutdown",
    current: false,
    error: "unhealthy container",
  });
  const judged = verdict(service([earlier, mine], { update: "rollback_completed" }), target, started, now);
  expect(judged).toMatchObject({ kind: "failed", task: { id: "mine" } });
});

test("a task of the specification before that no node could run is history", () => {
  const waiting = task({ state: "pending", current: false, error: "no suitable node" });
  expect(verdict(service([waiting]), target, started, now)).toMatchObject({ kind: "progressing" });
});
