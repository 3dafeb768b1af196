import type Docker from "dockerode";

import { answers, connect } from "../swarm/engine.ts";
import type { EnvironmentFacts } from "./facts.ts";

/** What one of an environment's managers said, if one did, and in words which nodes do not answer. */
export interface Asked<Answer> {
  answer: Answer | undefined;
  down: string[];
}

/** Asks an environment's managers one after another; a worker refuses, and one that is down does not answer. */
export async function askManagers<Answer>(
  facts: Pick<EnvironmentFacts, "engine" | "nodes">,
  ask: (engine: Docker) => Promise<Answer>,
): Promise<Asked<Answer>> {
  const nodes = await Promise.all(
    facts.nodes.map(async (node) => ({ ...node, up: await answers(node.engine, 3_000) })),
  );
  const dead = nodes.filter(({ up }) => !up);
  const down = dead.map(({ name }) => `node ${name} does not answer`);
  const engines = new Set([facts.engine, ...nodes.map(({ engine }) => engine)]);
  for (const { engine } of dead) engines.delete(engine);
  for (const engine of engines) {
    const answer = await ask(connect(engine)).catch(() => undefined);
    if (answer !== undefined) return { answer, down };
  }
  return { answer: undefined, down };
}
