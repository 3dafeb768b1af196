// Makes one Swarm of hosts, and makes it what they are to be. What it is told is in SLIPWAY_HOSTS; prints the nodes.
import type Docker from "dockerode";

import type { Host } from "../settings/hosts.ts";
import { connect } from "./engine.ts";
import { initialise, type NodeToForm, swarmOf, takeIn, until } from "./form.ts";
import { type Action, hostLabel, labelsOf, planHosts } from "./hosts-plan.ts";
import { askHosts, isOlder, outdated, type Seen, seeSwarm, tokensLabel, tokensOf, type Wanted } from "./hosts-seen.ts";
import { installEngine, runScript, upgradeEngine } from "./remote.ts";
import { troubleOf } from "./unreachable.ts";

/** A node of the Swarm as others are told of it. */
export interface HostNode {
  name: string;
  engine: string;
  /** What it is to be, where that is not active. */
  availability?: string;
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

const nodeOf = ({ at, address, role }: Host): NodeToForm => ({ name: at, engine: at, address, role });

/** A host's part in a Swarm; none where it cannot be reached. */
interface Found {
  host: Host;
  swarm?: Awaited<ReturnType<typeof swarmOf>>;
  trouble?: string;
}

/** Has the host run an engine, and asks that which Swarm it is in. */
async function find(host: Host): Promise<Found> {
  try {
    const engine = connect(host.at);
    const answers = await engine.ping().then(
      () => true,
      () => false,
    );
    if (!answers) await runScript(host.at, installEngine());
    return { host, swarm: await swarmOf(engine) };
  } catch (error) {
    const { why, next } = troubleOf(host.at, error);
    return { host, trouble: `${host.at}: ${why}. ${next}` };
  }
}

/** The manager that is asked: one there is, or else the first of the managers, which becomes one. */
async function managerOf(found: readonly Found[]): Promise<NodeToForm> {
  const reached = found.filter(({ swarm }) => swarm);
  const managers = reached.filter(({ swarm }) => swarm?.ControlAvailable);
  // One that is to be a worker from now on is the last to be asked.
  const existing = managers.find(({ host }) => host.role === "manager") ?? managers[0];
  if (existing) return nodeOf(existing.host);
  const lost = reached.find(({ swarm }) => swarm?.LocalNodeState !== "inactive");
  if (lost)
    throw new Error(`${lost.host.at} is in a Swarm of which none of these hosts is a manager that can be reached`);
  const first = found.find(({ host }) => host.role === "manager");
  if (!first?.swarm) throw new Error(first?.trouble ?? "No host is a manager");
  tell(`Making a Swarm on ${first.host.at}`);
  await initialise(nodeOf(first.host));
  return nodeOf(first.host);
}

type Spec = Record<string, unknown>;

/** Changes a node's specification; what others changed in between is read again. */
async function setNode(manager: Docker, id: string, change: Spec): Promise<void> {
  await until(30, `Node ${id} cannot be changed`, async () => {
    const { Version, Spec } = await manager.getNode(id).inspect();
    await manager.getNode(id).update({ version: Version.Index, ...Spec, ...change });
    return true;
  });
}

/** Waits until no task runs on a node that takes none any more. */
async function emptied(manager: Docker, id: string): Promise<void> {
  const filters = { node: [id] };
  await until(330, `Tasks stay on node ${id}`, async () => {
    const tasks = (await manager.listTasks({ filters })) as { Status?: { State?: string } }[];
    return tasks.every(({ Status }) => Status?.State !== "running") || undefined;
  });
}

async function drain(manager: Docker, id: string): Promise<void> {
  await setNode(manager, id, { Availability: "drain" });
  await emptied(manager, id);
}

const specOf = (host: Host): Spec => ({
  Role: host.role,
  Availability: host.availability,
  Labels: labelsOf(host),
});

async function take(host: Host, found: readonly Found[], manager: NodeToForm): Promise<void> {
  const own = found.find((one) => one.host.at === host.at);
  if (!own?.swarm) throw new Error(own?.trouble ?? `${host.at} cannot be reached`);
  const engine = connect(manager.engine);
  const there = await swarmOf(connect(host.at));
  // A worker does not know which Swarm it is in, but its manager knows it.
  if (there.LocalNodeState !== "inactive" && !(await isKnown(engine, there.NodeID))) {
    throw new Error(`${host.at} is in another Swarm. If nobody needs that, on it: docker swarm leave --force`);
  }
  tell(`Taking ${host.at} in as a ${host.role}`);
  if (host.at !== manager.name) await takeIn(nodeOf(host), manager);
  const { NodeID } = await swarmOf(connect(host.at));
  await until(60, `${host.at} does not become ready`, async () => (await isReady(engine, NodeID)) || undefined);
  await setNode(engine, NodeID, specOf(host));
}

async function remove({ id, up, manager: manages, host }: Extract<Action, { kind: "remove" }>, manager: Docker) {
  // One that was only away for a moment is back, and is no other's predecessor.
  if (!up && (await isReady(manager, id))) return;
  tell(up ? `Removing ${host}` : `Forgetting a node of ${host} that is down`);
  if (up) await drain(manager, id);
  if (manages) await demote(manager, id);
  if (up) {
    await until(60, `${host} does not leave`, async () => {
      const engine = connect(host);
      if ((await swarmOf(engine)).LocalNodeState === "inactive") return true;
      await engine.swarmLeave({});
      return undefined;
    });
  }
  await manager.getNode(id).remove({ force: true });
}

const isKnown = (manager: Docker, id: string): Promise<boolean> =>
  manager
    .getNode(id)
    .inspect()
    .then(
      () => true,
      () => false,
    );

async function isReady(manager: Docker, id: string): Promise<boolean> {
  const { Status } = await manager.getNode(id).inspect();
  return Status?.State === "ready";
}

/** Makes a worker of a manager, and waits until it is none any more. */
async function demote(manager: Docker, id: string): Promise<void> {
  await setNode(manager, id, { Role: "worker" });
  await until(60, `Node ${id} stays a manager`, async () => {
    const { ManagerStatus } = await manager.getNode(id).inspect();
    return ManagerStatus === undefined || undefined;
  });
}

async function carryOut(action: Action, found: readonly Found[], manager: NodeToForm): Promise<void> {
  if (action.kind === "take in") return take(action.host, found, manager);
  if (action.kind === "remove") return remove(action, connect(manager.engine));
  tell(`Setting ${action.host.at}`);
  const hosts = found.map(({ host }) => host);
  return setNode(otherThan(action.host, hosts, manager), action.id, specOf(action.host));
}

/** New join tokens, for managers and for workers. Nodes that are in the Swarm need none. */
async function changeTokens(manager: Docker, { spec, version }: Seen, tokens: number): Promise<void> {
  tell("Changing the join tokens");
  const _query = { version, rotateWorkerToken: true, rotateManagerToken: true };
  const _body = { ...spec, Labels: { ...spec.Labels, [tokensLabel]: String(tokens) } };
  await manager.swarmUpdate({ _query, _body } as unknown as { version: number });
}

/** Upgrades one node's engine while it takes no tasks. */
async function upgrade(manager: Docker, host: Host, id: string, wanted: string): Promise<void> {
  tell(`Upgrading the engine of ${host.at}`);
  await drain(manager, id);
  try {
    const before = await seeSwarm(manager);
    await runScript(host.at, upgradeEngine());
    await until(120, `Not every node is back after the upgrade of ${host.at}`, () => allBack(manager, before));
    const { Version } = await connect(host.at).version();
    if (isOlder(Version, wanted)) {
      throw new Error(`The package sources of ${host.at} offer Docker ${Version}, and ${wanted} is wanted`);
    }
  } finally {
    await setNode(manager, id, specOf(host));
  }
}

/**
 * Whether every node that was up is up, and every manager takes part again, so that the next one may be away: a new leader, as after the
 * end of another, hears of each first.
 */
async function allBack(manager: Docker, before: Seen): Promise<true | undefined> {
  const { members } = await seeSwarm(manager);
  const now = new Map(members.map((one) => [one.id, one]));
  const isBack = ({ id, up, heard }: Seen["members"][number]): boolean =>
    (!up || now.get(id)?.up === true) && (!heard || now.get(id)?.heard === true);
  return before.members.every(isBack) || undefined;
}

/** A manager that is not the host that is being changed, where there is one: that may answer no more. */
function otherThan(host: Host, hosts: readonly Host[], manager: NodeToForm): Docker {
  if (host.at !== manager.name) return connect(manager.engine);
  const other = hosts.find(({ at, role }) => role === "manager" && at !== host.at);
  return connect((other ?? host).at);
}

/**
 * Does what is to be done, one thing after another. A host that is lost keeps the others from nothing: it is told, and taken in
 * again when it, or another at its address, can be reached.
 * @returns the nodes
 * @throws Error naming the host, QuorumError
 */
export async function maintainHosts(wanted: Wanted): Promise<HostNode[]> {
  const { hosts, tokens } = wanted;
  const found = await Promise.all(hosts.map(find));
  const manager = await managerOf(found);
  const engine = connect(manager.engine);
  const { members } = await until(30, "The Swarm does not answer", () => seeSwarm(engine));
  const lost = new Set(
    found.filter(({ swarm, host }) => !swarm && members.some((one) => one.host === host.at)).map(({ host }) => host.at),
  );
  for (const { host, trouble } of found) if (lost.has(host.at)) tell(`Going on without ${trouble}`);
  for (const action of planHosts(hosts, members, lost)) await carryOut(action, found, manager);

  await upgradeAll(wanted);
  const now = await asked(hosts);
  if (tokensOf(now.seen) !== tokens) await changeTokens(connect(now.host.at), now.seen, tokens);
  return hosts.flatMap(({ at, availability }) => {
    const member = now.seen.members.find((one) => one.labels[hostLabel] === at);
    return member ? [{ name: member.name, engine: at, ...(availability === "active" ? {} : { availability }) }] : [];
  });
}

const asked = (hosts: readonly Host[]) => until(60, "No manager answers", () => askHosts(hosts));

/** Upgrades the engines that are too old, one after another. */
async function upgradeAll(wanted: Wanted): Promise<void> {
  const { hosts, engineVersion } = wanted;
  if (engineVersion === undefined) return;
  const { host: first, seen } = await asked(hosts);
  for (const { host, id } of outdated(seen, wanted)) {
    const own = hosts.find(({ at }) => at === host);
    if (own) await upgrade(otherThan(own, hosts, nodeOf(first)), own, id, engineVersion);
  }
}

if (import.meta.main) {
  const wanted = JSON.parse(process.env.SLIPWAY_HOSTS ?? "{}") as Wanted;
  await maintainHosts(wanted).then(
    (nodes) => process.stdout.write(JSON.stringify(nodes)),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    },
  );
}
