import { type Held, type HeldNode, type HeldService, type Holdings, isIn } from "../../swarm/holdings.ts";
import { isLeaseRecord } from "../../swarm/lease-records.ts";
import type { Expected, Made, MadeService } from "./expected.ts";
import { type NetworkNames, type Setting, type SettingKind, settingsOf } from "./settings.ts";

/** One thing that is not as Pulumi says. */
export interface Difference {
  /** What about it differs; of a whole thing, that it is missing, was added by somebody else, or is another of the same name. */
  kind: SettingKind | "missing" | "added" | "made again" | "node";
  /** Such as `service production_app` or `node production-3`. */
  what: string;
  /** What is set otherwise, where it is there. */
  setting?: string;
  /** Absent where nothing is set. */
  expected?: string;
  found?: string;
  /** Swarm has gone back to this: by itself, after an update that did not hold, or because somebody asked it to. */
  rolledBack?: true;
}

/** What a network is called that no listing has: each node has one of its own. */
const ofTheNode = "of the node";

function networkNames(made: readonly Made[], held: readonly Held[]): NetworkNames {
  const names = new Map([...held, ...made].map(({ id, name }) => [id, name]));
  const known = new Set(names.values());
  return (idOrName) => names.get(idOrName) ?? (known.has(idOrName) ? idOrName : ofTheNode);
}

/** What differs between two sets of settings. Of a value that only Pulumi knows, no more can be seen than that there is one. */
function settingDifferences(what: string, expected: Map<string, Setting>, found: Map<string, Setting>): Difference[] {
  const hidden = [...expected.values()].filter((one) => one.hidden).map(({ name }) => name);
  const isPartOf = (name: string, whole: string): boolean => name === whole || name.startsWith(`${whole} `);
  const seen = hidden.filter((whole) => [...found.keys()].some((name) => isPartOf(name, whole)));
  const names = [...new Set([...expected.keys(), ...found.keys()])];
  return names.flatMap((name) => {
    const [wanted, is] = [expected.get(name), found.get(name)];
    if (wanted?.value === is?.value || seen.some((whole) => isPartOf(name, whole))) return [];
    const { kind } = (wanted ?? is) as Setting;
    return [
      { kind, what, setting: name, ...(wanted ? { expected: wanted.value } : {}), ...(is ? { found: is.value } : {}) },
    ];
  });
}

function serviceDifferences(expected: MadeService, found: HeldService, networks: NetworkNames): Difference[] {
  const what = `service ${expected.name}`;
  const differences = settingDifferences(what, settingsOf(expected.spec, networks), settingsOf(found.spec, networks));
  const isBack = found.update?.startsWith("rollback_");
  return isBack ? differences.map((one) => ({ ...one, rolledBack: true })) : differences;
}

const labelDifferences = (noun: string, expected: Made, found: Held): Difference[] => {
  const settings = ({ labels }: Made | Held) =>
    new Map(
      Object.entries(labels).map(([label, value]) => {
        const name = `label ${label}`;
        return [name, { kind: "label" as const, name, value }];
      }),
    );
  return settingDifferences(`${noun} ${expected.name}`, settings(expected), settings(found));
};

/** Compares things of one kind by their names: which are missing, which were added, and what differs of the others. */
function byName<Wanted extends Made, Found extends Held>(
  noun: string,
  expected: readonly Wanted[],
  found: readonly Found[],
  compare: (expected: Wanted, found: Found) => Difference[],
): Difference[] {
  const ofExpected = expected.flatMap((one): Difference[] => {
    const what = `${noun} ${one.name}`;
    const there = found.find(({ name }) => name === one.name);
    if (!there) return [{ kind: "missing", what }];
    return there.id === one.id ? compare(one, there) : [{ kind: "made again", what }, ...compare(one, there)];
  });
  const names = new Set(expected.map(({ name }) => name));
  const added = found.filter(({ name }) => !names.has(name));
  return [...ofExpected, ...added.map(({ name }): Difference => ({ kind: "added", what: `${noun} ${name}` }))];
}

const usualState = "ready";
const usualAvailability = "active";

/** Of nodes that are somebody else's it is only told that they are lost. */
const lostNodes = (found: readonly HeldNode[]): Difference[] =>
  found
    .filter(({ state }) => state !== usualState)
    .map(({ name, state }) => ({
      kind: "node",
      what: `node ${name}`,
      setting: "state",
      expected: usualState,
      found: state,
    }));

/** A node that a Swarm is to have. */
export interface ExpectedNode {
  /** Its host name. */
  name: string;
  /** Active unless something else is said. */
  availability?: string | undefined;
}

function nodeDifferences(expected: readonly ExpectedNode[], found: readonly HeldNode[]): Difference[] {
  if (expected.length === 0) return lostNodes(found);
  const ofExpected = expected.flatMap(({ name, availability: wanted = usualAvailability }): Difference[] => {
    const what = `node ${name}`;
    // One that was replaced is known until it is forgotten.
    const own = found.filter((node) => node.name === name);
    const node = own.find(({ state }) => state === usualState) ?? own[0];
    if (!node) return [{ kind: "missing", what }];
    const { state, availability } = node;
    return [
      ...(state === usualState
        ? []
        : [{ kind: "node" as const, what, setting: "state", expected: usualState, found: state }]),
      ...(availability === wanted
        ? []
        : [{ kind: "node" as const, what, setting: "availability", expected: wanted, found: availability }]),
    ];
  });
  const names = expected.map(({ name }) => name);
  const added = new Set(found.map(({ name }) => name).filter((name) => !names.includes(name)));
  return [...ofExpected, ...[...added].map((name): Difference => ({ kind: "added", what: `node ${name}` }))];
}

/**
 * Where a Swarm is not as Pulumi's state says.
 * @param environment the namespace in it
 * @param nodes the nodes that it is to have; none where they are not the environment's own
 */
export function compare(
  environment: string,
  { pending, ...expected }: Expected,
  found: Holdings,
  nodes: readonly ExpectedNode[],
): Difference[] {
  const own = <One extends Held>(all: readonly One[]): One[] =>
    all.filter((one) => isIn(environment, one) && !isLeaseRecord(environment, one.name) && !pending.includes(one.name));
  const settled = <One extends Made>(all: readonly One[]): One[] => all.filter(({ name }) => !pending.includes(name));
  const networks = networkNames(expected.networks, found.networks);
  return [
    ...nodeDifferences(nodes, found.nodes),
    ...byName("service", settled(expected.services), own(found.services), (one, other) =>
      serviceDifferences(one, other, networks),
    ),
    ...byName("config", settled(expected.configs), own(found.configs), (one, other) =>
      labelDifferences("config", one, other),
    ),
    ...byName("secret", settled(expected.secrets), own(found.secrets), (one, other) =>
      labelDifferences("secret", one, other),
    ),
    ...byName("network", settled(expected.networks), own(found.networks), (one, other) =>
      labelDifferences("network", one, other),
    ),
  ];
}
