import { askPulumi } from "./ask-pulumi.ts";
import { outputsIn, type State } from "./stack-state.ts";

/** A stack's outputs as plain values; undefined when there is no such stack or nothing was deployed by it. */
export async function stackOutputs(
  name: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Record<string, unknown> | undefined> {
  const exported = (await askPulumi(name, ["stack", "export"], signal)) as { deployment?: State | null } | undefined;
  const outputs = exported && outputsIn(exported.deployment ?? {});
  return outputs && Object.keys(outputs).length > 0 ? outputs : undefined;
}
