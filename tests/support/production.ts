import { join } from "node:path";

import { connect } from "../../swarm/engine.ts";
import { readServices } from "../../swarm/services.ts";
import type { Clone } from "./clone.ts";

/** The address of the engine of an environment's first node. */
export const engineAddress = (clone: Clone, environment: string): string =>
  `unix://${join(clone.root, ".slipway", "run", `${environment}-1`, "docker.sock")}`;

/** A client of that engine. */
export const engineOf = (clone: Clone, environment: string) => connect(engineAddress(clone, environment));

/**
 * The ids of the tasks that run in an environment: the same ids later mean that nothing there was touched.
 * @param service one service of it, such as `app`; all of them by default
 */
export async function runningTasks(clone: Clone, environment: string, service?: string): Promise<string[]> {
  const services = await readServices(engineOf(clone, environment), environment);
  const wanted = services.filter(({ name }) => service === undefined || name === `${environment}_${service}`);
  const running = wanted.flatMap(({ tasks }) =>
    tasks.filter(({ state, desired }) => state === "running" && desired === "running"),
  );
  return running.map(({ id }) => id).toSorted();
}

/** The same of all of production. */
export const productionTasks = (clone: Clone): Promise<string[]> => runningTasks(clone, "production");

/** What the environment answers to a greeting at its first address. */
export async function hello(clone: Clone, environment: string): Promise<Record<string, string>> {
  const port = await clone.get(environment, "port");
  const response = await fetch(`http://127.0.0.1:${port}/demo/hello`);
  return (await response.json()) as Record<string, string>;
}
