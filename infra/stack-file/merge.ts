import type { Stack, StackService } from "./model.ts";
import { isMapping, type Mapping } from "./source.ts";

/** Lists in which what a later file says of the same thing takes the place of what an earlier one said. */
const listKeys: Readonly<Record<string, string>> = {
  ports: "published",
  volumes: "target",
  secrets: "source",
  configs: "source",
};

/** Numbers that a later file can set to 0; elsewhere an empty value says nothing. */
const numbers = new Set(["replicas", "parallelism", "max_attempts", "retries"]);
/** Lists that a later file sets anew, where others are added to. */
const commands = new Set(["command", "entrypoint"]);

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0);

const order = (one: unknown, other: unknown): number => {
  if (one === other) return 0;
  return (one ?? 0) < (other ?? 0) ? -1 : 1;
};

/** One of each key, the later one, sorted. */
function byKey(key: string, base: readonly Mapping[], over: readonly Mapping[]): Mapping[] {
  const empty = key === "published" ? 0 : "";
  const all = new Map([...base, ...over].map((one) => [one[key] ?? empty, one]));
  return [...all.values()].sort((one, other) => order(one[key] ?? empty, other[key] ?? empty));
}

function lists(key: string, base: readonly unknown[], over: readonly unknown[]): unknown[] {
  if (commands.has(key)) return [...(over.length > 0 ? over : base)];
  return [...base, ...over];
}

function values(key: string, base: unknown, over: unknown): unknown {
  if (base === undefined) return over;
  if (Array.isArray(base) && Array.isArray(over)) return lists(key, base, over);
  if (isMapping(base) && isMapping(over)) return mappings(key, base, over);
  return isEmpty(over) && !(numbers.has(key) && over === 0) ? base : over;
}

/** Mappings whose values are texts of people, of which a later one always counts, an empty one too. */
const dictionaries = new Set(["labels", "sysctls", "options", "driver_opts"]);

function mappings(key: string, base: Mapping, over: Mapping): Mapping {
  if (dictionaries.has(key)) return { ...base, ...over };
  // Another driver's options are none of this one's.
  if (key === "logging" && base.driver && over.driver && base.driver !== over.driver) return over;
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...names].map((name) => [name, values(name, base[name], over[name])]));
}

type Networks = NonNullable<StackService["networks"]>;

/** What a later file says of a network sets its aliases anew, and says nothing of its options. */
function attached(base: Networks, over: Networks): Networks {
  const both = Object.keys(over).filter((name) => base[name] && over[name]);
  const merged = both.map((name) => {
    const { aliases: _, ...rest } = base[name] ?? {};
    const aliases = over[name]?.aliases;
    return [name, aliases ? { ...rest, aliases } : rest] as const;
  });
  const added = Object.entries(over).filter(([name, network]) => network || !(name in base));
  return { ...base, ...Object.fromEntries(added), ...Object.fromEntries(merged) };
}

function service(base: StackService | undefined, over: StackService): StackService {
  if (!base) return over;
  const merged = mappings("service", base as Mapping, over as Mapping) as StackService;
  // Docker does so whether or not the later file has such a list.
  for (const [key, by] of Object.entries(listKeys)) {
    const [own, others] = [(base as Mapping)[key], (over as Mapping)[key]] as (Mapping[] | undefined)[];
    if (own) Object.assign(merged, { [key]: byKey(by, own, others ?? []) });
  }
  if (base.networks && over.networks) merged.networks = attached(base.networks, over.networks);
  if (base.ulimits && over.ulimits) merged.ulimits = { ...base.ulimits, ...over.ulimits };
  return merged;
}

function two(base: Stack, over: Stack): Stack {
  const services = Object.entries(over.services).map(
    ([name, one]) => [name, service(base.services[name], one)] as const,
  );
  return {
    services: { ...base.services, ...Object.fromEntries(services) },
    networks: { ...base.networks, ...over.networks },
    volumes: { ...base.volumes, ...over.volumes },
    secrets: { ...base.secrets, ...over.secrets },
    configs: { ...base.configs, ...over.configs },
  };
}

/** Puts stacks one over the other as `docker stack deploy` does with files, the later ones over the earlier ones. */
export const merge = (stacks: readonly Stack[]): Stack =>
  stacks.reduce(two, { services: {}, networks: {}, volumes: {}, secrets: {}, configs: {} });
