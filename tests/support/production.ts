import { join } from "node:path";

import { connect } from "../../swarm/engine.ts";
import { readServices } from "../../swarm/services.ts";
import type { Clone } from "./clone.ts";

/** The address of the engine of an environment's first node. */
export const engineAddress = (clone: Clone, environment: string): string =>
  `unix://${join(clone.root, ".slipway", "run", `${environment}-1`, "docker.sock")}`;

/** A client of that engine. */
export const engineOf = (clone: Clone, environment: string) => connect(engineAddress(clone, environment));

/** The ids of all tasks that run in production: the same ids later mean that nothing there was touched. */
export async function productionTasks(clone: Clone): Promise<string[]> {
  const services = await readServices(engineOf(clone, "production"), "production");
  const running = services.flatMap(({ tasks }) =>
    tasks.filter(({ state, desired }) => state === "running" && desired === "running"),
  );
  return running.map(({ id }) => id).toSorted();
}

/** What the environment answers to a greeting at its first address. */
export async function hello(clone: Clone, environment: string): Promise<Record<string, string>> {
  const port = await clone.get(environment, "port");
  const response = await fetch(`http://127.0.0.1:${port}/demo/hello`);
  return (await response.json()) as Record<string, string>;
}
