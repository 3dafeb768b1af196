import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { prepareBackend } from "./backend.ts";
import { assertRepository } from "./git.ts";

/** The variables with which `pulumi` by hand works on the same stacks; makes what Pulumi's first use needs. */
export async function shellEnvironment(): Promise<Record<string, string>> {
  await assertRepository();
  await prepareBackend();
  return pulumiEnvironment();
}

/** The same as lines for a shell's `eval`, quoted so that nothing in a value is ever run. */
export const exportLines = (variables: Record<string, string>): string[] =>
  Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
