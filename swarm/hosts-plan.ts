import type { Host } from "../settings/hosts.ts";

/** The label of a node that says which host it is. */
export const hostLabel = "slipway.host";

/** The label of the one node that keeps data. */
export const dataLabel = "slipway.data";

/** A node as its Swarm knows it. */
export interface Member {
  id: string;
  /** The host that it was made of, as its label says; none where somebody else took it in. */
  host?: string | undefined;
  role: string;
  availability: string;
  labels: Readonly<Record<string, string>>;
  up: boolean;
}

/** What is to be done for a Swarm's nodes to be what the hosts say. */
export type Action =
  | { kind: "take in"; host: Host }
  | { kind: "set"; host: Host; id: string; promotes: boolean; demotes: boolean }
  | { kind: "remove"; id: string; up: boolean; manager: boolean; host: string };

/** A change of nodes after which a Swarm could not decide anything any more. */
export class QuorumError extends Error {
  override readonly name = "QuorumError";
}

/** The labels that a host's node has, and no others. */
export const labelsOf = ({ at, data, labels }: Host): Record<string, string> => ({
  ...labels,
  [hostLabel]: at,
  ...(data ? { [dataLabel]: "true" } : {}),
});

const sameLabels = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

const isAs = (member: Member, host: Host): boolean =>
  member.role === host.role && member.availability === host.availability && sameLabels(member.labels, labelsOf(host));

const removal = ({ id, up, role, host = "" }: Member): Action => ({
  kind: "remove",
  id,
  up,
  manager: role === "manager",
  host,
});

function forHost(host: Host, members: readonly Member[]): Action[] {
  const own = members.filter((member) => member.host === host.at);
  const live = own.find(({ up }) => up);
  const dead = own.filter((member) => member !== live).map(removal);
  if (!live) return [{ kind: "take in", host }, ...dead];
  if (isAs(live, host)) return dead;
  const promotes = host.role === "manager" && live.role !== "manager";
  const demotes = host.role !== "manager" && live.role === "manager";
  return [{ kind: "set", host, id: live.id, promotes, demotes }, ...dead];
}

/** What makes the Swarm stronger comes first, what makes it weaker last. */
function rank(action: Action): number {
  if (action.kind === "take in") return action.host.role === "manager" ? 0 : 2;
  if (action.kind === "set") return action.promotes ? 1 : action.demotes ? 5 : 3;
  return action.up ? 6 : 4;
}

/** How many managers an action brings or takes, of all and of those that are up. */
function effect(action: Action): { all: number; up: number } {
  if (action.kind === "take in") return action.host.role === "manager" ? { all: 1, up: 1 } : { all: 0, up: 0 };
  if (action.kind === "set") {
    const change = Number(action.promotes) - Number(action.demotes);
    return { all: change, up: change };
  }
  return action.manager ? { all: -1, up: action.up ? -1 : 0 } : { all: 0, up: 0 };
}

function assertQuorum(actions: readonly Action[], members: readonly Member[]): void {
  const managers = members.filter(({ role }) => role === "manager");
  let all = managers.length;
  let up = managers.filter((member) => member.up).length;
  for (const action of actions) {
    const { all: more, up: moreUp } = effect(action);
    all += more;
    up += moreUp;
    if (members.length === 0 || up * 2 > all || moreUp >= 0) continue;
    const which = action.kind === "remove" ? `Removing ${action.host}` : `Making ${action.host.at} a worker`;
    throw new QuorumError(
      `${which} would leave ${up} of ${all} managers up, which is no majority: start the managers that are down, or add others, first`,
    );
  }
}

/**
 * What is to be done for the nodes to be what the hosts say, in an order in which the Swarm can decide all along. Nodes that
 * somebody else took in are left alone.
 * @param members the nodes; none where there is no Swarm yet
 * @param lost the hosts that cannot be reached: their nodes are left as they are
 * @throws QuorumError when there is no such order
 */
export function planHosts(
  hosts: readonly Host[],
  members: readonly Member[],
  lost: ReadonlySet<string> = new Set(),
): Action[] {
  const wanted = new Set(hosts.map(({ at }) => at));
  const gone = members.filter(({ host }) => host !== undefined && !wanted.has(host)).map(removal);
  const reached = hosts.filter(({ at }) => !lost.has(at));
  const actions = [...reached.flatMap((host) => forHost(host, members)), ...gone];
  const inOrder = actions.toSorted((one, other) => rank(one) - rank(other));
  assertQuorum(inOrder, members);
  return inOrder;
}
