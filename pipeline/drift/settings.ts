import type { ApiSpec } from "../../swarm/holdings.ts";
import { isSecret, listAt, shown, textAt, valueAt } from "../inputs.ts";

/** What about a service is set. */
export type SettingKind =
  | "scale"
  | "image"
  | "environment"
  | "config"
  | "secret"
  | "mount"
  | "port"
  | "network"
  | "label"
  | "placement"
  | "resources"
  | "healthcheck"
  | "update policy"
  | "restart policy"
  | "setting";

export interface Setting {
  kind: SettingKind;
  /** What people call it, or its path in the engine's API; the same for the same thing. */
  name: string;
  value: string;
  /** Only Pulumi knows the value. */
  hidden?: boolean;
}

/** What a network is called whose id a service is set to. */
export type NetworkNames = (idOrName: string) => string;

type Entry = readonly [kind: SettingKind, name: string, value: unknown];

const task = "TaskTemplate.";
const container = "TaskTemplate.ContainerSpec.";

/** Lists and mappings in which each entry is a thing of its own, told by its name. */
const things: Readonly<Record<string, (value: unknown, networks: NetworkNames) => Entry[]>> = {
  Labels: mapping("label", "label"),
  [`${container}Labels`]: mapping("label", "container label"),
  [`${container}Env`]: (value) =>
    mapping("environment", "environment")(Array.isArray(value) ? variables(value) : value),
  [`${container}Secrets`]: list((one) => [
    "secret",
    `secret file ${textAt(one, "File.Name")}`,
    file(one, "SecretName"),
  ]),
  [`${container}Configs`]: list((one) => [
    "config",
    `config file ${textAt(one, "File.Name")}`,
    file(one, "ConfigName"),
  ]),
  [`${container}Mounts`]: list((one) => ["mount", `mount ${textAt(one, "Target")}`, mount(one)]),
  [`${task}Networks`]: (value, networks) =>
    list((one) => ["network", `network ${networks(textAt(one, "Target") ?? "")}`, joined(one)])(value),
  // What a service had before it was changed to this, in the API of old engines.
  Networks: () => [],
  "EndpointSpec.Ports": list((one) => ["port", port(one), valueAt(one, "PublishMode") ?? "ingress"]),
  [`${task}Placement.Constraints`]: list((one) => [
    "placement",
    `constraint ${String(one).replaceAll(/\s*([!=]=)\s*/g, "$1")}`,
    "demanded",
  ]),
};

function mapping(kind: SettingKind, title: string) {
  return (value: unknown): Entry[] =>
    isSecret(value)
      ? [[kind, title, value]]
      : Object.entries(value ?? {})
          .filter(([name]) => !name.startsWith("__"))
          .map(([name, one]) => [kind, `${title} ${name}`, one] as const);
}

function list(entry: (value: unknown) => Entry) {
  return (value: unknown): Entry[] => (Array.isArray(value) ? value.map(entry) : []);
}

/** `NAME=value` lines as a mapping; a name alone is one whose value the engine takes from nowhere. */
const variables = (lines: readonly unknown[]): Record<string, string> =>
  Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...value] = String(line).split("=");
      return [name, value.join("=")];
    }),
  );

function file(value: unknown, nameKey: string): string {
  const mode = Number(valueAt(value, "File.Mode") ?? 0o444).toString(8);
  const [user, group] = [textAt(value, "File.UID") ?? "0", textAt(value, "File.GID") ?? "0"];
  const rest = mode === "444" && user === "0" && group === "0" ? "" : ` (mode ${mode}, user ${user}, group ${group})`;
  return `${textAt(value, nameKey)}${rest}`;
}

/** Where it comes from, and what else is set about it. */
function mount(value: unknown): string {
  const { Type, Source, Target: _, ...rest } = value as Record<string, unknown>;
  const more = leaves(rest).filter(([path, one]) => !isDefault(`Mount.${path}`, one));
  return [`${Type} ${Source ?? ""}`.trim(), ...more.map(([path, one]) => `${path} ${shown(one)}`)].join(", ");
}

const joined = (value: unknown): string => {
  const aliases = listAt(value, "Aliases").map(String);
  return aliases.length > 0 ? `joined as ${aliases.toSorted().join(", ")}` : "joined";
};

const port = (value: unknown): string => {
  const published = valueAt(value, "PublishedPort");
  const to = `${valueAt(value, "TargetPort")}/${textAt(value, "Protocol") ?? "tcp"}`;
  return `port ${published ? `${published} → ` : ""}${to}`;
};

const second = 1_000_000_000;

const pace = {
  Parallelism: [1],
  Monitor: [5 * second, 0],
  FailureAction: ["pause"],
  Order: ["stop-first"],
};

const each = (prefix: string, values: Readonly<Record<string, readonly unknown[]>>) =>
  Object.entries(values).map(([name, defaults]) => [prefix + name, defaults] as const);

/**
 * What Swarm does where nothing is said. Clients differ in whether they say it: the docker plugin, docker's CLI, and Swarm itself
 * when it rolls back.
 */
const defaults = new Map<string, readonly unknown[]>([
  ["Mode.Replicated.Replicas", []],
  [`${container}Isolation`, ["default"]],
  [`${container}StopGracePeriod`, [10 * second]],
  [`${task}Runtime`, ["container"]],
  [`${task}RestartPolicy.Condition`, ["any"]],
  [`${task}RestartPolicy.Delay`, [5 * second]],
  ["EndpointSpec.Mode", ["vip"]],
  ["Mount.BindOptions.Propagation", ["rprivate"]],
  ...each("UpdateConfig.", pace),
  ...each("RollbackConfig.", pace),
]);

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || value === 0 || value === false;

const isDefault = (path: string, value: unknown): boolean => {
  const known = defaults.get(path);
  return known ? value === undefined || value === null || known.includes(value) : isEmpty(value);
};

/**
 * Set by Swarm or by this tool, and no change of what runs: the counter that has tasks replaced, what the engine found out about
 * an image, and how it is pulled.
 */
const filledIn = [`${task}ForceUpdate`, `${task}Placement.Platforms`, `${task}PullOptions`, "Name"];

/** Every value with its dotted path; lists, which count as one value, and mappings are left out where they are empty. */
function leaves(value: unknown, path = ""): [string, unknown][] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value) && !isSecret(value);
  if (Array.isArray(value) && value.length === 0) return [];
  // That a service runs on every node is said by something empty.
  if (path === "Mode.Global" && isObject) return [["Mode.Replicated.Replicas", "one on every node"]];
  if (!isObject || path in things) return [[path, value]];
  return Object.entries(value)
    .filter(([key]) => !key.startsWith("__"))
    .flatMap(([key, child]) => leaves(child, path ? `${path}.${key}` : key));
}

/** What people call a path, by how it begins; of the rest, the path says what it is. */
const titles: readonly (readonly [path: string, kind: SettingKind, title?: string])[] = [
  ["Mode.Replicated.Replicas", "scale", "replicas"],
  ["Mode.", "scale"],
  [`${container}Image`, "image", "image"],
  [`${container}Healthcheck`, "healthcheck"],
  [`${container}Args`, "setting", "arguments"],
  [`${container}Command`, "setting", "command"],
  [`${container}StopGracePeriod`, "setting", "stop grace period"],
  [`${task}Resources.Limits.MemoryBytes`, "resources", "memory limit"],
  [`${task}Resources.`, "resources"],
  [`${task}Placement.`, "placement"],
  [`${task}RestartPolicy.`, "restart policy"],
  ["UpdateConfig.", "update policy"],
  ["RollbackConfig.", "update policy"],
];

const mebibyte = 1024 * 1024;

/** Times, which the API has in nanoseconds, and sizes as people read them. */
function valueText(path: string, value: unknown): string {
  if (typeof value !== "number") return shown(value);
  if (/\.(Delay|Monitor|Window|Interval|Timeout|StartPeriod|StopGracePeriod)$/.test(path)) return `${value / second} s`;
  if (path.endsWith("MemoryBytes") && value % mebibyte === 0) return `${value / mebibyte} MiB`;
  return String(value);
}

function entriesOf(path: string, value: unknown, networks: NetworkNames): Entry[] {
  const own = things[path];
  if (own) return own(value, networks);
  const [, kind = "setting", title] = titles.find(([start]) => path.startsWith(start)) ?? [];
  const name = title ?? path.replace(container, "").replace(task, "");
  return [[kind, name, isSecret(value) ? value : valueText(path, value)]];
}

/** All that a service is set to and that is not Swarm's default, by name. */
export function settingsOf(spec: ApiSpec, networks: NetworkNames): Map<string, Setting> {
  const paths = leaves(spec).filter(
    ([path, value]) => !filledIn.some((start) => path.startsWith(start)) && !isDefault(path, value),
  );
  const entries = paths.flatMap(([path, value]) => entriesOf(path, value, networks));
  return new Map(
    entries.map(([kind, name, value]) => [
      name,
      { kind, name, value: shown(value), ...(isSecret(value) ? { hidden: true } : {}) },
    ]),
  );
}
