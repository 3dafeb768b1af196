import type Docker from "dockerode";

import type { ApiNode } from "../swarm/api-types.ts";
import { answers, connect } from "../swarm/engine.ts";
import type { EnvironmentFacts } from "./facts.ts";

/** What one of an environment's managers said, if one did, and in words which nodes do not answer. */
export interface Asked<Answer> {
  answer: Answer | undefined;
  down: string[];
}

type Facts = Pick<EnvironmentFacts, "engine" | "nodes">;

/** The nodes of this machine that do not answer. Others are not asked each: that would be a login to every host. */
async function silent({ nodes }: Facts): Promise<EnvironmentFacts["nodes"]> {
  const here = nodes.filter(({ container }) => container !== undefined);
  const found = await Promise.all(here.map(async (node) => ({ node, up: await answers(node.engine, 3_000) })));
  return found.filter(({ up }) => !up).map(({ node }) => node);
}

/** The names of the hosts among the nodes that Swarm takes for down. */
async function downHosts(engine: Docker, { nodes }: Facts): Promise<string[]> {
  const hosts = nodes.filter(({ container }) => container === undefined).map(({ name }) => name);
  if (hosts.length === 0) return [];
  const listed = (await engine.listNodes().catch(() => [])) as unknown as ApiNode[];
  const ready = listed
    .filter(({ Status }) => Status?.State === "ready")
    .map(({ Description }) => Description?.Hostname);
  return listed.length === 0 ? [] : hosts.filter((name) => !ready.includes(name));
}

const isManager = (address: string): Promise<boolean> =>
  connect(address)
    .listNodes()
    .then(
      () => true,
      () => false,
    );

/** The address of a manager that answers: the one that was asked last, or, of hosts, another one. */
export async function managerOf(facts: Facts): Promise<string | undefined> {
  if (await answers(facts.engine)) return facts.engine;
  for (const { container, engine } of facts.nodes) {
    if (container === undefined && engine !== facts.engine && (await isManager(engine))) return engine;
  }
  return undefined;
}

/** Asks an environment's managers one after another; a worker refuses, and one that is down does not answer. */
export async function askManagers<Answer>(
  facts: Facts,
  ask: (engine: Docker) => Promise<Answer>,
): Promise<Asked<Answer>> {
  const dead = await silent(facts);
  const down = dead.map(({ name }) => `node ${name} does not answer`);
  const engines = new Set([facts.engine, ...facts.nodes.map(({ engine }) => engine)]);
  for (const { engine } of dead) engines.delete(engine);
  for (const address of engines) {
    const found = await asked(address, facts, ask).catch(() => undefined);
    if (found?.answer !== undefined) return { ...found, down: [...down, ...found.down] };
  }
  return { answer: undefined, down };
}

async function asked<Answer>(
  address: string,
  facts: Facts,
  ask: (engine: Docker) => Promise<Answer>,
): Promise<Asked<Answer>> {
  const engine = connect(address);
  const answer = await ask(engine);
  return { answer, down: (await downHosts(engine, facts)).map((name) => `node ${name} is down`) };
}
