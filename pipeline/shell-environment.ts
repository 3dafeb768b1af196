import { environments } from "../settings/environment.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { assertRepository } from "./git.ts";
import { whoRuns } from "./record.ts";
import { agentVariable } from "./stack-history.ts";
import { createStack, openWorkspace } from "./workspace.ts";

/**
 * The variables with which `pulumi` by hand works on the same stacks; makes what Pulumi's first use needs, the stacks
 * themselves included: `pulumi stack init` would write more into their files than it has to.
 */
export async function shellEnvironment(signal: AbortSignal): Promise<Record<string, string>> {
  await assertRepository();
  const workspace = await openWorkspace({ signal });
  const present = (await workspace.listStacks()).map(({ name }) => name);
  const absent = ["delivery", ...environments].filter((name) => !present.includes(name));
  for (const name of absent) await createStack(name, workspace);
  // Pulumi notes in its history who it was, which `promote history` shows.
  return { ...pulumiEnvironment(), [agentVariable]: whoRuns() };
}

/** The same as lines for a shell's `eval`, quoted so that nothing in a value is ever run. */
export const exportLines = (variables: Record<string, string>): string[] =>
  Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
