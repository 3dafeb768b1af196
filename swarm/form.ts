import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import type { ApiNode } from "./api-types.ts";
import { answers, connect } from "./engine.ts";

/** An engine that shall be a node of one Swarm. */
export interface NodeToForm {
  /** Its host name. */
  name: string;
  /** The address of its API. */
  engine: string;
  /** The IP address that the other nodes reach it at. */
  address: string;
  role: "manager" | "worker";
}

interface Info {
  Swarm: { LocalNodeState: string; ControlAvailable: boolean; NodeID: string; Cluster?: { ID: string } };
}

const swarmPort = 2377;

/** Polls until `done` returns something; throws `late` with the last error after `seconds`. */
export async function until<T>(seconds: number, late: string, done: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  let last: unknown;
  for (;;) {
    const result = await done().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (result !== undefined) return result;
    if (Date.now() > deadline) throw new Error(last instanceof Error ? `${late}: ${last.message}` : late);
    await sleep(200);
  }
}

export const swarmOf = async (engine: Docker): Promise<Info["Swarm"]> => ((await engine.info()) as Info).Swarm;

const engineUp = ({ engine, name }: NodeToForm): Promise<true> =>
  until(
    60,
    `The engine of node ${name} does not answer at ${engine}`,
    async () => (await answers(engine)) || undefined,
  );

/** Makes a Swarm of one node. */
export async function initialise(node: NodeToForm): Promise<void> {
  await connect(node.engine).swarmInit({
    ListenAddr: `0.0.0.0:${swarmPort}`,
    AdvertiseAddr: node.address,
    DataPathAddr: node.address,
  });
}

async function join(node: NodeToForm, manager: NodeToForm): Promise<void> {
  const { JoinTokens } = (await connect(manager.engine).swarmInspect()) as {
    JoinTokens: { Manager: string; Worker: string };
  };
  await connect(node.engine).swarmJoin({
    ListenAddr: `0.0.0.0:${swarmPort}`,
    AdvertiseAddr: node.address,
    DataPathAddr: node.address,
    RemoteAddrs: [`${manager.address}:${swarmPort}`],
    JoinToken: node.role === "manager" ? JoinTokens.Manager : JoinTokens.Worker,
  });
}

/** Takes a node in, and waits until it is. An engine whose join took too long goes on trying by itself, as `pending`. */
export async function takeIn(node: NodeToForm, manager: NodeToForm): Promise<void> {
  const engine = connect(node.engine);
  const isIn = async (): Promise<boolean> => (await swarmOf(engine)).LocalNodeState === "active";
  await until(90, `Node ${node.name} does not join`, async () => {
    if ((await swarmOf(engine)).LocalNodeState === "inactive") await join(node, manager);
    return (await isIn()) || undefined;
  });
}

/** Forgets nodes that are down and whose name another node has taken over. */
async function forgetReplaced(manager: Docker): Promise<void> {
  const nodes = (await manager.listNodes()) as unknown as ApiNode[];
  const nameOf = (node: ApiNode) => node.Description?.Hostname;
  const replaced = nodes.filter(
    (node) =>
      node.Status?.State === "down" &&
      nodes.some((other) => other.ID !== node.ID && nameOf(other) === nameOf(node) && other.Status?.State === "ready"),
  );
  await Promise.all(replaced.map((node) => manager.getNode(node.ID).remove({ force: true })));
}

async function allReady(manager: Docker, nodes: NodeToForm[]): Promise<true | undefined> {
  const known = (await manager.listNodes()) as unknown as ApiNode[];
  const ready = known.filter((node) => node.Status?.State === "ready").map((node) => node.Description?.Hostname);
  return nodes.every(({ name }) => ready.includes(name)) || undefined;
}

/**
 * Makes one Swarm of `nodes`: the first that is a manager already, or else the first listed, takes the others in. Nodes
 * that are in it already stay as they are, so running it again mends what is missing.
 * @returns the Swarm's id
 * @throws Error naming the node that does not answer or does not join
 */
export async function formSwarm(nodes: NodeToForm[]): Promise<string> {
  await Promise.all(nodes.map(engineUp));
  const states = await Promise.all(nodes.map((node) => swarmOf(connect(node.engine))));
  const existing = nodes.find((_, index) => states[index]?.ControlAvailable);
  const [first] = nodes;
  const manager = existing ?? first;
  if (!manager) throw new Error("A Swarm needs at least one node");
  if (!existing) await initialise(manager);

  const outside = nodes.filter((node, index) => node !== manager && states[index]?.LocalNodeState !== "active");
  // Managers one after the other: each changes who must agree on the next.
  for (const node of outside.filter(({ role }) => role === "manager")) {
    await takeIn(node, manager);
  }
  await Promise.all(outside.filter(({ role }) => role === "worker").map((node) => takeIn(node, manager)));

  const engine = connect(manager.engine);
  await until(60, "Not every node of the Swarm becomes ready", () => allReady(engine, nodes));
  await forgetReplaced(engine);
  const { Cluster } = await swarmOf(engine);
  return Cluster?.ID ?? "";
}

if (import.meta.main) {
  const nodes = JSON.parse(process.env.SLIPWAY_NODES ?? "[]") as NodeToForm[];
  await formSwarm(nodes).then(
    (id) => process.stdout.write(id),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    },
  );
}
