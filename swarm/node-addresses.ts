import type Docker from "dockerode";

import type { ApiNode } from "./api-types.ts";

/** A node that takes tasks. */
export interface NodeAddress {
  name: string;
  /** The address by which Swarm knows it. */
  address: string;
}

/** The nodes that take tasks, in the order of their names. */
export const addressesOf = (nodes: readonly ApiNode[]): NodeAddress[] =>
  nodes
    .filter(({ Spec, Status }) => Spec?.Availability === "active" && Status?.State === "ready")
    .map(({ Description, Status }) => ({ name: Description?.Hostname ?? "", address: Status?.Addr ?? "" }))
    .toSorted((one, other) => one.name.localeCompare(other.name));

/** The same, asked of a manager. */
export const nodeAddresses = async (engine: Docker): Promise<NodeAddress[]> =>
  addressesOf((await engine.listNodes()) as unknown[] as ApiNode[]);
