import { ownStacksOf, stackIn } from "../settings/delivered.ts";
import { environments } from "../settings/environment.ts";
import { applicationVariable } from "../settings/handed-application.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { describedAt } from "./description.ts";
import { assertRepository } from "./git.ts";
import { whoRuns } from "./record.ts";
import { ownFiles } from "./source.ts";
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
  const own = ownStacksOf() === undefined ? [] : environments.map(stackIn);
  const absent = ["delivery", ...environments, ...own].filter((name) => !present.includes(name));
  for (const name of absent) await createStack(name, workspace);
  // Pulumi notes in its history who it was, which `promote history` shows.
  return { ...pulumiEnvironment(), [agentVariable]: whoRuns(), ...(await applicationHere(signal)) };
}

/** Where an application of its own has its files: in the work tree, as the project's own has. */
async function applicationHere(signal: AbortSignal): Promise<Record<string, string>> {
  const root = await ownFiles(signal);
  if (root === undefined) return {};
  return { [applicationVariable]: JSON.stringify({ root, description: await describedAt(root) }) };
}

/** The same as lines for a shell's `eval`, quoted so that nothing in a value is ever run. */
export const exportLines = (variables: Record<string, string>): string[] =>
  Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
