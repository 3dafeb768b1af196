import type { ApiSpec } from "../../swarm/holdings.ts";
import { listAt, textAt } from "../inputs.ts";
import type { State, StateResource } from "../stack-state.ts";
import { specOf } from "./spec.ts";

/** What each kind of thing in a Swarm is called in Pulumi's state. */
const types = {
  services: "docker:index/service:Service",
  configs: "docker:index/serviceConfig:ServiceConfig",
  secrets: "docker:index/secret:Secret",
  networks: "docker:index/network:Network",
} as const;

/** What Pulumi made in a Swarm. */
export interface Made {
  id: string;
  name: string;
  labels: Readonly<Record<string, string>>;
}

export interface MadeService extends Made {
  spec: ApiSpec;
}

/** What Pulumi's state says a Swarm holds. */
export interface Expected {
  services: MadeService[];
  configs: Made[];
  secrets: Made[];
  networks: Made[];
  /** The names of what a run that was cut off may or may not have made, changed or removed. */
  pending: string[];
}

const labels = (resource: StateResource): Record<string, string> =>
  Object.fromEntries(
    listAt(resource.inputs, "labels").map((one) => [textAt(one, "label") ?? "", textAt(one, "value") ?? ""]),
  );

const nameOf = ({ inputs, outputs }: StateResource): string => textAt(inputs, "name") ?? textAt(outputs, "name") ?? "";

const made = (resource: StateResource): Made => ({
  id: resource.id ?? "",
  name: nameOf(resource),
  labels: labels(resource),
});

/** The network that joins nodes is this machine's, and not of the Swarm. */
const spansNodes = ({ inputs }: StateResource): boolean => textAt(inputs, "driver") === "overlay";

/** Reads what a stack's state says its Swarm holds. Secrets in it stay encrypted. */
export function expectedOf({ resources = [], pending_operations: cutOff = [] }: State): Expected {
  const of = (type: string): StateResource[] => resources.filter((one) => one.type === type && !one.delete);
  return {
    services: of(types.services).map((one) => ({ ...made(one), spec: specOf(one.inputs) })),
    configs: of(types.configs).map(made),
    secrets: of(types.secrets).map(made),
    networks: of(types.networks).filter(spansNodes).map(made),
    pending: cutOff.map(({ resource }) => nameOf(resource)),
  };
}
