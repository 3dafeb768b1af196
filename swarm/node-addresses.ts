import type Docker from "dockerode";

import type { ApiNode } from "./api-types.ts";

/** The addresses of the nodes that take tasks, by which Swarm knows them, in the order of their names. */
export async function nodeAddresses(engine: Docker): Promise<string[]> {
  const nodes = (await engine.listNodes()) as unknown[] as ApiNode[];
  return nodes
    .filter(({ Spec, Status }) => Spec?.Availability === "active" && Status?.State === "ready")
    .toSorted((one, other) => (one.Description?.Hostname ?? "").localeCompare(other.Description?.Hostname ?? ""))
    .flatMap(({ Status }) => Status?.Addr ?? []);
}
