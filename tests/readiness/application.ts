import type Docker from "dockerode";

import { connect } from "../../swarm/engine.ts";
import { readServices, type ServiceState } from "../../swarm/services.ts";
import { facts } from "../support/facts.ts";

/** A manager of the environment. */
export const manager: Docker = connect(facts.engine);

/** What every service of the environment runs. */
export const services = (): Promise<ServiceState[]> => readServices(manager, facts.environment);

const released = new Set(Object.values(facts.release.images));

/** The release's services that run for ever. */
export async function applications(): Promise<ServiceState[]> {
  return (await services()).filter((service) => released.has(service.image) && service.scale !== "once");
}

/** The running containers of a service, each reached on the node that it is on. */
export async function containersOf(service: ServiceState): Promise<Docker.Container[]> {
  const filters = { service: [service.name], "desired-state": ["running"] };
  const [tasks, nodes] = await Promise.all([manager.listTasks({ filters }), manager.listNodes()]);
  return tasks.flatMap((task) => {
    const node = nodes.find(({ ID }) => ID === task.NodeID);
    const engine = facts.nodes.find(({ name }) => name === node?.Description?.Hostname)?.engine;
    const id = task.Status?.ContainerStatus?.ContainerID;
    return engine && id ? [connect(engine).getContainer(id)] : [];
  });
}
