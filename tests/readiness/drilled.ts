import { createHash } from "node:crypto";

import { namespaceLabel } from "../../swarm/services.ts";
import { facts } from "../support/facts.ts";
import { manager } from "./application.ts";

const label = "slipway.drilled";

/** What differs between two releases that are otherwise made up alike. */
const ofRelease = new Set(Object.values(facts.release.images));

/** What another client writes of its own accord, or what only says which engine it spoke to. */
const incidental = new Set(["ForceUpdate", "Networks", "Isolation", "Platforms", "Runtime"]);

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

/** A task's specification without what only says which release it is of, or who wrote it down. */
const comparable = (key: string, value: unknown): unknown => {
  if (key === "Image" && typeof value === "string" && ofRelease.has(value)) return "the release's";
  if (key === "Env" && Array.isArray(value)) return value.filter((one) => !String(one).startsWith("RELEASE_")).sort();
  return incidental.has(key) || isEmpty(value) ? undefined : value;
};

/** How the environment is made up: its nodes, and its services but for the release that they run. */
async function makeUp(): Promise<string> {
  const [services, nodes] = await Promise.all([
    manager.listServices({ filters: { label: [`${namespaceLabel}=${facts.environment}`] } }),
    manager.listNodes(),
  ]);
  const specs = services.map(({ Spec }) => ({ name: Spec?.Name ?? "", mode: Spec?.Mode, task: Spec?.TaskTemplate }));
  const made = {
    services: specs.toSorted((one, other) => one.name.localeCompare(other.name)),
    nodes: nodes.map(({ Description, Spec }) => [Description?.Hostname, Spec?.Role]).toSorted(),
  };
  return createHash("sha256").update(JSON.stringify(made, comparable)).digest("hex").slice(0, 16);
}

type SwarmSpec = { Labels?: Record<string, string> };

async function swarm(): Promise<{ version: number; spec: SwarmSpec }> {
  const { Version, Spec } = (await manager.swarmInspect()) as { Version: { Index: number }; Spec: SwarmSpec };
  return { version: Version.Index, spec: Spec };
}

/** Whether the nodes were drilled since the environment is made up as it is; a label of the Swarm tells. */
export const drilledAlready = async (): Promise<boolean> => (await swarm()).spec.Labels?.[label] === (await makeUp());

/** Notes that the nodes were drilled. */
export async function noteDrilled(): Promise<void> {
  const { version, spec } = await swarm();
  const Labels = { ...spec.Labels, [label]: await makeUp() };
  await manager.swarmUpdate({ version, ...spec, Labels });
}

/** The node that is drained and killed: the last one of three or more, which is neither the only manager nor the one that keeps the data. */
export const drilledNode = facts.nodes.length > 2 ? facts.nodes.at(-1) : undefined;
