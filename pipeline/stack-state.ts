/** The fields read here of one resource in Pulumi's exported state. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  provider?: string;
  /** It was replaced, and is to be removed yet. */
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** The fields read here of Pulumi's exported state. */
export interface State {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/** The outputs of a stack in its state, those that are secret encrypted; undefined when nothing was deployed by it. */
export const outputsIn = ({ resources = [] }: State): Record<string, unknown> | undefined =>
  resources.find(({ type }) => type === stackType)?.outputs;

/** The type of the resource that stands for the stack itself. */
export const stackType = "pulumi:pulumi:Stack";
