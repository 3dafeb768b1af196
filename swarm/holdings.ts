import type Docker from "dockerode";

import type { ApiNode } from "./api-types.ts";
import { namespaceLabel } from "./services.ts";

/** A part of a specification as the engine's API has it; what is in it differs from version to version. */
export type ApiSpec = Readonly<Record<string, unknown>>;

/** Something in a Swarm that has a name: a service, a config, a secret, a network. */
export interface Held {
  id: string;
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** A service with all that it is set to. */
export interface HeldService extends Held {
  spec: ApiSpec;
  /** State of its last update; absent once somebody has changed it otherwise. */
  update?: string;
}

/** A node as Swarm knows it. */
export interface HeldNode {
  name: string;
  /** `ready`, `down`, `unknown`, `disconnected`. */
  state: string;
  /** `active`, `pause`, `drain`. */
  availability: string;
}

/** All that a Swarm holds, whoever put it there. */
export interface Holdings {
  services: HeldService[];
  configs: Held[];
  secrets: Held[];
  /** Those that span its nodes. */
  networks: Held[];
  nodes: HeldNode[];
}

/** The fields read here of what each listing returns; a network has its name and labels outside a specification. */
interface Listed {
  ID?: string;
  Id?: string;
  Name?: string;
  Labels?: Record<string, string> | null;
  Spec?: { Name?: string; Labels?: Record<string, string> | null };
  UpdateStatus?: { State?: string };
}

const held = ({ ID, Id, Name, Labels, Spec }: Listed): Held => ({
  id: ID ?? Id ?? "",
  name: Spec?.Name ?? Name ?? "",
  labels: Spec?.Labels ?? Labels ?? {},
});

const heldService = (listed: Listed): HeldService => ({
  ...held(listed),
  spec: (listed.Spec ?? {}) as ApiSpec,
  ...(listed.UpdateStatus?.State ? { update: listed.UpdateStatus.State } : {}),
});

const heldNode = ({ ID, Description, Spec, Status }: ApiNode): HeldNode => ({
  name: Description?.Hostname ?? ID,
  state: Status?.State ?? "unknown",
  availability: Spec?.Availability ?? "active",
});

/** Reads all that a Swarm holds in five requests, however much that is. */
export async function readHoldings(engine: Docker): Promise<Holdings> {
  const [services, configs, secrets, networks, nodes] = (await Promise.all([
    engine.listServices(),
    engine.listConfigs(),
    engine.listSecrets(),
    engine.listNetworks({ filters: { scope: ["swarm"] } }),
    engine.listNodes(),
  ])) as unknown as [Listed[], Listed[], Listed[], Listed[], ApiNode[]];
  return {
    services: services.map(heldService),
    configs: configs.map(held),
    secrets: secrets.map(held),
    networks: networks.map(held),
    nodes: nodes.map(heldNode),
  };
}

/** Whether something belongs to a namespace: by its label, or, since not everything can be given one, by its name. */
export const isIn = (namespace: string, { name, labels }: Held): boolean =>
  labels[namespaceLabel] === namespace || name.startsWith(`${namespace}_`);
