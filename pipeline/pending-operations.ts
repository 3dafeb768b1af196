import type Docker from "dockerode";

import { ownerLabel } from "../settings/project.ts";
import { connect } from "../swarm/engine.ts";
import { namespaceLabel } from "../swarm/services.ts";
import { machineEngine } from "./machine-engine.ts";
import { outputsIn, type State, type StateResource } from "./stack-state.ts";
import type { FoundStack } from "./workspace.ts";

/** What an engine may hold that an interrupted create made without Pulumi learning of it. */
interface Orphan {
  id: string;
  labels: Record<string, string> | undefined;
  remove(): Promise<unknown>;
}

type Finder = (engine: Docker, name: string) => Promise<Orphan>;

const finders: Record<string, Finder> = {
  "docker:index/container:Container": async (engine, name) => {
    const found = engine.getContainer(name);
    const { Id, Config } = await found.inspect();
    return { id: Id, labels: Config.Labels, remove: () => found.remove({ force: true, v: true }) };
  },
  "docker:index/network:Network": async (engine, name) => {
    const found = engine.getNetwork(name);
    const { Id, Labels } = await found.inspect();
    return { id: Id, labels: Labels, remove: () => found.remove() };
  },
  "docker:index/volume:Volume": async (engine, name) => {
    const found = engine.getVolume(name);
    const { Name, Labels } = await found.inspect();
    return { id: Name, labels: Labels, remove: () => found.remove() };
  },
  "docker:index/service:Service": async (engine, name) => {
    const found = engine.getService(name);
    const { ID, Spec } = await found.inspect();
    return { id: ID, labels: Spec?.Labels, remove: () => found.remove() };
  },
  "docker:index/secret:Secret": async (engine, name) => {
    const found = engine.getSecret(name);
    const { ID, Spec } = await found.inspect();
    return { id: ID, labels: Spec?.Labels, remove: () => found.remove() };
  },
  "docker:index/serviceConfig:ServiceConfig": async (engine, name) => {
    const found = engine.getConfig(name);
    const { ID, Spec } = await found.inspect();
    return { id: ID, labels: Spec?.Labels, remove: () => found.remove() };
  },
};

/** The engine on which the resource's provider works. Of one that is reached by more than its address, the stack says all. */
function engineOf(resource: StateResource, resources: StateResource[]): string {
  const urn = resource.provider?.slice(0, resource.provider.lastIndexOf("::"));
  const host = resources.find((one) => one.urn === urn)?.inputs?.host;
  if (typeof host !== "string") return machineEngine();
  const told = outputsIn({ resources })?.engine;
  return host.startsWith("tcp://") && typeof told === "string" ? told : host;
}

/** By its label; a Swarm config cannot be given one by every version of the provider, so its name has to do. */
const isOurs = (orphan: Orphan, name: string, stack: string): boolean =>
  orphan.labels?.[ownerLabel.label] === ownerLabel.value ||
  orphan.labels?.[namespaceLabel] === stack ||
  name.startsWith(`${stack}_`);

async function removeOrphan(resource: StateResource, resources: StateResource[], stack: string): Promise<void> {
  const finder = finders[resource.type];
  const name = resource.inputs?.name;
  if (!finder || typeof name !== "string") return;
  try {
    const orphan = await finder(connect(engineOf(resource, resources)), name);
    const recorded = resources.some(({ id }) => id === orphan.id);
    if (!recorded && isOurs(orphan, name, stack)) await orphan.remove();
  } catch {
    // Not there, or its engine is gone: then nothing is in the way of making it.
  }
}

/**
 * Puts a stack right whose last update was killed in the middle: Pulumi knows that it was doing something and not how
 * that ended. What a create made unnoticed is removed, so that it can be made again; the rest the next update sees, since
 * it looks at what is really there.
 */
export async function recoverPending({ stack, state: found }: FoundStack): Promise<void> {
  if ((found.pending_operations ?? []).length === 0) return;
  const exported = await stack.exportStack();
  const state = exported.deployment as State;
  const pending = state.pending_operations ?? [];
  const resources = state.resources ?? [];
  const creates = pending.filter(({ type }) => type === "creating");
  for (const { resource } of creates) await removeOrphan(resource, resources, stack.name);
  state.pending_operations = [];
  await stack.importStack(exported);
}
