import { askPulumi } from "./ask-pulumi.ts";

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

/**
 * A stack's state, secrets encrypted; undefined when there is no such stack.
 * @throws PrerequisiteError when Pulumi cannot tell
 */
export async function readState(stack: string, signal?: AbortSignal): Promise<State | undefined> {
  const exported = (await askPulumi(stack, ["stack", "export"], signal)) as { deployment?: State | null } | undefined;
  return exported && (exported.deployment ?? {});
}

/**
 * A stack's outputs as plain values; undefined when there is no such stack or nothing was deployed by it.
 * @throws PrerequisiteError when Pulumi cannot tell
 */
export async function stackOutputs(stack: string, signal?: AbortSignal): Promise<Record<string, unknown> | undefined> {
  const outputs = outputsIn((await readState(stack, signal)) ?? {});
  return outputs && Object.keys(outputs).length > 0 ? outputs : undefined;
}
