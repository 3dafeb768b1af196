import { randomBytes } from "node:crypto";
import type Docker from "dockerode";

import { machineEngine } from "../pipeline/machine-engine.ts";
import type { Presence } from "../pipeline/presence.ts";
import { ownerLabel } from "../settings/project.ts";
import { type ApiTask, endStates } from "../swarm/api-types.ts";
import { connect } from "../swarm/engine.ts";

/** By which its jobs are known from the service itself. */
const jobLabel = "slipway.job-of";

/** What runs promote, in the arguments of the service; what it is to do follows. */
const program = "cli/main.ts";

/** Removes what has ended of the jobs before. */
async function removeEnded(engine: Docker, service: string): Promise<void> {
  const jobs = await engine.listServices({ filters: { label: [`${jobLabel}=${service}`] } });
  for (const { ID } of jobs) {
    const tasks = (await engine.listTasks({ filters: { service: [ID] } })) as ApiTask[];
    const isOver = tasks.length > 0 && tasks.every(({ Status }) => endStates.includes(Status?.State ?? ""));
    if (isOver) await engine.getService(ID).remove();
  }
}

/**
 * Has `promote` run once in Swarm, as a service's tasks run.
 * @param service the name of the one that this process is a task of
 * @param args what it is to do
 * @returns how it is known until it tells of itself
 */
export async function startJob(service: string, args: readonly string[]): Promise<Presence> {
  const engine = connect(machineEngine());
  await removeEnded(engine, service);
  const { Spec } = await engine.getService(service).inspect();
  const { ContainerSpec, ...task } = Spec.TaskTemplate;
  const own: string[] = ContainerSpec.Args;
  const Name = `${service}-${randomBytes(4).toString("hex")}`;
  await engine.createService({
    Name,
    Labels: { [jobLabel]: service, [ownerLabel.label]: ownerLabel.value },
    Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } },
    TaskTemplate: {
      ...task,
      RestartPolicy: { Condition: "none" },
      ContainerSpec: {
        ...ContainerSpec,
        Args: [...own.slice(0, own.indexOf(program) + 1), ...args],
        Healthcheck: { Test: ["NONE"] },
      },
    },
  } as Docker.CreateServiceOptions);
  return { pid: 0, space: Name };
}
