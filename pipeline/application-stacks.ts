import { applicationStack } from "../settings/delivered.ts";
import { type EnvironmentName, environments, isEnvironment } from "../settings/environment.ts";
import { stackNames } from "./ask-pulumi.ts";

/** `shop.production` in its parts; undefined for a stack of another kind. */
export function partsOf(stack: string): { application: string; environment: EnvironmentName } | undefined {
  const [application = "", environment = "", ...more] = stack.split(".");
  if (application === "" || !isEnvironment(environment) || more.length > 0) return undefined;
  return { application, environment };
}

/** The stacks of all applications of their own, those that are in the last environment first. */
export async function applicationStacks(signal: AbortSignal): Promise<string[]> {
  const all = (await stackNames(signal)).flatMap((name) => partsOf(name) ?? []);
  return environments
    .toReversed()
    .flatMap((one) => all.filter(({ environment }) => environment === one))
    .map(({ application, environment }) => applicationStack(application, environment));
}
