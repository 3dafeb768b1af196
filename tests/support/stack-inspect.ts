import type { BareSwarm } from "./bare-swarm.ts";

type Json = Record<string, unknown>;

/** What stands in a list in an order that means nothing to Swarm. */
const unordered = new Set([
  "Mounts",
  "Configs",
  "Secrets",
  "Aliases",
  "Constraints",
  "Networks",
  "Hosts",
  "GenericResources",
]);
const isList = (value: unknown): value is unknown[] => Array.isArray(value);

/** A config or secret without the hash of its content. */
const unhashed = (name: string): string => name.replace(/-[0-9a-f]{12}$/, "");

/** A value whose ids are names, whose names have no hashes and whose unordered lists are sorted. */
function comparable(value: unknown, names: Map<string, string>, key = ""): unknown {
  if (typeof value === "string") return /Name$/.test(key) ? unhashed(value) : (names.get(value) ?? value);
  if (isList(value)) {
    const list = value.map((one) => comparable(one, names));
    return unordered.has(key)
      ? list.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
      : list;
  }
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((one) => [one, comparable((value as Json)[one], names, one)]));
}

/** What Swarm gives a network by itself. */
const ownOfNetwork = ["Id", "Created", "Containers", "Peers"];
const vxlanIds = "com.docker.network.driver.overlay.vxlanid_list";

function networkOf(network: Json, names: Map<string, string>): Json {
  const rest = Object.fromEntries(Object.entries(network).filter(([key]) => !ownOfNetwork.includes(key)));
  const { [vxlanIds]: _, ...options } = (network.Options ?? {}) as Json;
  const { Config, ...ipam } = network.IPAM as { Config: { Subnet: string }[] };
  // A subnet that Swarm chose is another one each time.
  const config = Config.filter(({ Subnet }) => !Subnet.startsWith("10.0."));
  return comparable({ ...rest, Options: options, IPAM: { ...ipam, Config: config } }, names) as Json;
}

const idOf = ({ ID, Id }: Json): string => String(ID ?? Id);
const nameOf = (one: Json): string => unhashed(String((one.Spec as Json | undefined)?.Name ?? one.Name));

/** All that a stack is made of on a Swarm, as its engine tells it, in a form that can be compared with another Swarm's. */
export async function madeOf(swarm: BareSwarm, stack: string): Promise<Json> {
  const list = async (kind: string, ...filter: string[]): Promise<Json[]> => {
    const ids = await swarm.docker(kind, "ls", "--quiet", ...filter);
    return ids.length === 0 ? [] : (JSON.parse((await swarm.docker(kind, "inspect", ...ids)).join("\n")) as Json[]);
  };
  const own = ["--filter", `label=com.docker.stack.namespace=${stack}`];
  const all = await Promise.all(["network", "config", "secret"].map((kind) => list(kind)));
  const names = new Map(all.flat().map((one) => [idOf(one), nameOf(one)]));
  const services = (await list("service", ...own)).map((one) => [
    `service ${nameOf(one)}`,
    comparable(one.Spec, names),
  ]);
  const networks = (await list("network", ...own)).map((one) => [`network ${nameOf(one)}`, networkOf(one, names)]);
  const objects = await Promise.all(
    ["config", "secret"].map(async (kind) =>
      (await list(kind, ...own)).map((one) => [`${kind} ${nameOf(one)}`, comparable(one.Spec, names)]),
    ),
  );
  return Object.fromEntries([...services, ...networks, ...objects.flat()]) as Json;
}
