import type Docker from "dockerode";

import type { ApiNode } from "./api-types.ts";

/** The addresses of the nodes that take tasks, by which Swarm knows them, in the order of their names. */
export const addressesOf = (nodes: readonly ApiNode[]): string[] =>
  nodes
    .filter(({ Spec, Status }) => Spec?.Availability === "active" && Status?.State === "ready")
    .toSorted((one, other) => (one.Description?.Hostname ?? "").localeCompare(other.Description?.Hostname ?? ""))
    .flatMap(({ Status }) => Status?.Addr ?? []);

/** The same, asked of a manager. */
export const nodeAddresses = async (engine: Docker): Promise<string[]> =>
  addressesOf((await engine.listNodes()) as unknown[] as ApiNode[]);
