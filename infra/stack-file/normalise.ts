import { isAbsolute, join } from "node:path";

import { readEnvFile } from "./env-file.ts";
import type { Findings, Variables } from "./interpolate.ts";
import type {
  Deploy,
  FileReference,
  Healthcheck,
  Mount,
  Pace,
  Port,
  Stack,
  StackFileObject,
  StackService,
} from "./model.ts";
import { shortMount } from "./mounts.ts";
import { shortPorts } from "./ports.ts";
import type { RawService, RawStack } from "./schema.ts";
import { parseBytes, parseCpus, parseDuration } from "./units.ts";
import { shellWords } from "./words.ts";

/** What a file's values mean depends on. */
export interface Surroundings {
  /** Where relative paths start. */
  folder: string;
  variables: Variables;
  found: Findings;
}

type Listed = string[] | Record<string, string | number | null>;
type Raw<Section extends "networks" | "volumes" | "secrets" | "configs"> = NonNullable<
  NonNullable<RawStack[Section]>[string]
>;

/** Without what is undefined, and undefined when nothing is left of `value`. */
export function given<Value extends object>(value: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;
}

const mapValues = <In, Out>(record: Record<string, In> | undefined, change: (value: In, key: string) => Out) =>
  Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, change(value, key)]));

const cut = (text: string): [string, string | null] => {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
};

const asText = (value: string | number | null): string | null => (value === null ? null : String(value));

function nullable(listed: Listed | undefined): Record<string, string | null> | undefined {
  if (listed === undefined) return undefined;
  return Array.isArray(listed) ? Object.fromEntries(listed.map(cut)) : mapValues(listed, asText);
}

const dictionary = (listed: Listed | undefined): Record<string, string> | undefined =>
  listed && mapValues(nullable(listed), (value) => value ?? "");

const list = (value: string | string[] | undefined): string[] | undefined =>
  typeof value === "string" ? [value] : value;

const duration = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);
const bytes = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseBytes(text));
const cpus = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseCpus(text));

/** Reads one service, at `services.NAME`. */
class ServiceReader {
  readonly #at: string;
  readonly #around: Surroundings;

  constructor(name: string, around: Surroundings) {
    this.#at = `services.${name}`;
    this.#around = around;
  }

  read(raw: RawService): StackService {
    const { command, entrypoint, environment, env_file, extra_hosts, logging, networks, ulimits, ...rest } = raw;
    return given<StackService>({
      ...scalars(rest),
      command: this.#command("command", command),
      entrypoint: this.#command("entrypoint", entrypoint),
      environment: this.#environment(nullable(environment), list(env_file)),
      configs: raw.configs?.map(reference),
      secrets: raw.secrets?.map(reference),
      credential_spec: raw.credential_spec as Record<string, string> | undefined,
      deploy: raw.deploy ? deployOf(raw.deploy) : undefined,
      dns: list(raw.dns),
      dns_search: list(raw.dns_search),
      extra_hosts: hosts(extra_hosts),
      healthcheck: raw.healthcheck && healthcheckOf(raw.healthcheck),
      labels: dictionary(raw.labels),
      logging: logging && given({ driver: logging.driver, options: dictionary(logging.options) }),
      networks: networks && this.#networks(networks),
      ports: raw.ports?.flatMap((port, index) => this.#ports(port, index)),
      stop_grace_period: duration(raw.stop_grace_period),
      sysctls: dictionary(raw.sysctls),
      ulimits:
        ulimits && mapValues(ulimits, (limit) => (typeof limit === "number" ? { soft: limit, hard: limit } : limit)),
      volumes: raw.volumes?.map((mount, index) => this.#mount(mount, index)),
    });
  }

  #command(key: string, value: string | string[] | undefined): string[] | undefined {
    if (typeof value !== "string") return value;
    const words = shellWords(value);
    if (!words)
      this.#around.found.problem(`${this.#at}.${key}`, "a quote in it is not closed, or a backslash escapes nothing");
    return words;
  }

  /** A variable without a value, or with an empty one, takes that of the surroundings where they have one. */
  #environment(own: Record<string, string | null> | undefined, files: string[] | undefined) {
    if (!own && !files) return undefined;
    const { variables } = this.#around;
    const read = (files ?? []).map((file, index) => this.#envFile(file, index));
    const all: Record<string, string | null> = Object.assign({}, ...read, own);
    return mapValues(all, (value, key) => (value ? value : (variables[key] ?? value)));
  }

  #envFile(file: string, index: number): Record<string, string> {
    try {
      return readEnvFile(absolute(this.#around.folder, file), this.#around.variables);
    } catch (error) {
      this.#around.found.problem(`${this.#at}.env_file.${index}`, (error as Error).message);
      return {};
    }
  }

  #networks(networks: NonNullable<RawService["networks"]>): StackService["networks"] {
    if (Array.isArray(networks)) return Object.fromEntries(networks.map((name) => [name, null]));
    return mapValues(networks, (one, name) => {
      for (const key of ["ipv4_address", "ipv6_address"] as const) {
        if (one?.[key])
          this.#ignored(`networks.${name}.${key}`, "Swarm gives tasks their addresses, and it is ignored");
      }
      if (!one) return null;
      return given({ aliases: one.aliases, driver_opts: one.driver_opts && mapValues(one.driver_opts, String) });
    });
  }

  #ports(port: NonNullable<RawService["ports"]>[number], index: number): Port[] {
    if (typeof port === "object") return [given<Port>(port)];
    const read = shortPorts(String(port));
    const at = `ports.${index}`;
    if (!read) this.#around.found.problem(`${this.#at}.${at}`, `${JSON.stringify(port)} is no port, such as 8080:80`);
    if (read?.address) this.#ignored(at, `Swarm publishes on every address, and ${read.address} is ignored`);
    return read?.ports ?? [];
  }

  #mount(raw: NonNullable<RawService["volumes"]>[number], index: number): Mount {
    const at = `volumes.${index}`;
    const unknown = (option: string) =>
      this.#ignored(at, `the option ${JSON.stringify(option)} means nothing, and is ignored`);
    const mount = typeof raw === "string" ? shortMount(raw, unknown) : (given(raw) as unknown as Mount);
    if (!mount)
      this.#around.found.problem(`${this.#at}.${at}`, `${JSON.stringify(raw)} is no volume, such as data:/data`);
    if (mount?.type !== "bind" || !mount.source) return mount ?? { type: "volume", target: "" };
    return { ...mount, source: this.#path(mount.source) };
  }

  #path(source: string): string {
    const home = this.#around.variables.HOME;
    const path = source.startsWith("~") && home !== undefined ? source.replace("~", home) : source;
    return /^(?:[a-z]:|\\\\)/i.test(path) ? path : absolute(this.#around.folder, path);
  }

  #ignored(key: string, what: string): void {
    this.#around.found.warning(`${this.#at}.${key}`, what);
  }
}

const absolute = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));

/** The keys that mean the same in files and here. */
const scalars = (raw: Omit<RawService, "command">): StackService =>
  given<StackService>({
    image: raw.image,
    hostname: raw.hostname,
    init: raw.init,
    isolation: raw.isolation,
    oom_score_adj: raw.oom_score_adj,
    read_only: raw.read_only,
    restart: raw.restart,
    cap_add: raw.cap_add,
    cap_drop: raw.cap_drop,
    stdin_open: raw.stdin_open,
    stop_signal: raw.stop_signal,
    tty: raw.tty,
    user: raw.user,
    working_dir: raw.working_dir,
  });

const reference = (raw: NonNullable<RawService["configs"]>[number]): FileReference => {
  if (typeof raw === "string") return { source: raw };
  const { source, target, uid, gid, mode } = raw;
  return given<FileReference>({ source, target, uid, gid, mode });
};

/** `[::1]` without its brackets. */
const bare = (address: string): string => address.replace(/^\[(.+)\]$/, "$1");

function hosts(listed: Listed | undefined): string[] | undefined {
  if (listed === undefined) return undefined;
  const pairs = Array.isArray(listed)
    ? listed
        .map((entry) => /^([^=]*)=(.*)$/s.exec(entry) ?? /^([^:]*):(.*)$/s.exec(entry))
        .map((match) => match?.slice(1))
    : Object.entries(listed)
        .filter(([, address]) => address !== null)
        .sort(([one], [other]) => (one < other ? -1 : 1));
  return pairs.flatMap((pair) => (pair ? [`${pair[0]}:${bare(String(pair[1]))}`] : []));
}

const healthcheckOf = (raw: NonNullable<RawService["healthcheck"]>): Healthcheck =>
  given<Healthcheck>({
    disable: raw.disable,
    test: typeof raw.test === "string" ? ["CMD-SHELL", raw.test] : raw.test,
    interval: duration(raw.interval),
    timeout: duration(raw.timeout),
    start_period: duration(raw.start_period),
    start_interval: duration(raw.start_interval),
    retries: raw.retries,
  });

type RawDeploy = NonNullable<RawService["deploy"]>;

const paceOf = (raw: RawDeploy["update_config"]): Pace | undefined =>
  raw && given<Pace>({ ...raw, delay: duration(raw.delay), monitor: duration(raw.monitor) });

function resourcesOf(raw: RawDeploy["resources"]): Deploy["resources"] {
  if (!raw) return undefined;
  const { limits, reservations } = raw;
  const generic = reservations?.generic_resources?.map(({ discrete_resource_spec: spec }) => ({
    kind: spec?.kind ?? "",
    value: spec?.value ?? 0,
  }));
  return given<NonNullable<Deploy["resources"]>>({
    limits: limits && given({ cpus: cpus(limits.cpus), memory: bytes(limits.memory), pids: limits.pids }),
    reservations:
      reservations &&
      given({ cpus: cpus(reservations.cpus), memory: bytes(reservations.memory), generic_resources: generic }),
  });
}

function deployOf(raw: RawDeploy): Deploy {
  const { restart_policy: restart, placement } = raw;
  return given<Deploy>({
    mode: raw.mode,
    endpoint_mode: raw.endpoint_mode?.toLowerCase(),
    replicas: raw.replicas,
    labels: dictionary(raw.labels),
    update_config: paceOf(raw.update_config),
    rollback_config: paceOf(raw.rollback_config),
    resources: resourcesOf(raw.resources),
    restart_policy: restart && given({ ...restart, delay: duration(restart.delay), window: duration(restart.window) }),
    placement:
      placement && given({ ...placement, preferences: placement.preferences?.map(({ spread }) => spread ?? "") }),
  });
}

/** `external: {name: x}` is an older way of saying `external: true` and `name: x`. */
function externalOf(
  section: string,
  key: string,
  raw: { external?: boolean | { name?: string | undefined } | undefined; name?: string | undefined },
  found: Findings,
): { external?: boolean; name?: string } {
  const { external, name } = raw;
  const older = typeof external === "object" ? external.name : undefined;
  if (older && name) found.problem(`${section}.${key}.external.name`, "it is given with `name`, which says the same");
  if (!external) return name === undefined ? {} : { name };
  return { external: true, name: older ?? name ?? key };
}

function volumeOf(key: string, raw: Raw<"volumes"> | null, found: Findings): Stack["volumes"][string] {
  const { driver, driver_opts, labels } = raw ?? {};
  const named = externalOf("volumes", key, raw ?? {}, found);
  for (const [other, value] of Object.entries({ driver, driver_opts, labels })) {
    if (named.external && value !== undefined) {
      found.problem(`volumes.${key}.${other}`, "it is made by somebody else (`external`), who says that");
    }
  }
  return given({
    ...named,
    driver,
    driver_opts: driver_opts && mapValues(driver_opts, String),
    labels: dictionary(labels),
  });
}

function networkOf(key: string, raw: Raw<"networks"> | null, found: Findings): Stack["networks"][string] {
  const { driver, driver_opts, ipam, internal, attachable, labels } = raw ?? {};
  const config = ipam?.config?.map((pool) => given<{ subnet?: string }>(pool));
  return given({
    ...externalOf("networks", key, raw ?? {}, found),
    driver,
    driver_opts: driver_opts && mapValues(driver_opts, String),
    ipam: ipam && given({ driver: ipam.driver, config }),
    internal,
    attachable,
    labels: dictionary(labels),
  });
}

/** What has a driver has no file; of what is made by somebody else none is read. */
function fileObjectOf(
  section: "configs" | "secrets",
  key: string,
  raw: Raw<"secrets">,
  around: Surroundings,
): StackFileObject {
  const named = externalOf(section, key, raw, around.found);
  if (!named.external && !raw.driver && !raw.file) around.found.problem(`${section}.${key}`, "it has no `file`");
  return given<StackFileObject>({
    ...named,
    file: raw.file === undefined ? undefined : absolute(around.folder, raw.file),
    labels: dictionary(raw.labels),
    driver: raw.driver,
    driver_opts: raw.driver_opts && mapValues(raw.driver_opts, String),
    template_driver: raw.template_driver,
  });
}

/** Brings what one file says into one form. What cannot be read is told to `around.found`. */
export function normalise(raw: RawStack, around: Surroundings): Stack {
  const { found } = around;
  return {
    services: mapValues(raw.services, (service, name) => new ServiceReader(name, around).read(service)),
    networks: mapValues(raw.networks, (network, key) => networkOf(key, network, found)),
    volumes: mapValues(raw.volumes, (volume, key) => volumeOf(key, volume, found)),
    secrets: mapValues(raw.secrets, (secret, key) => fileObjectOf("secrets", key, secret, around)),
    configs: mapValues(raw.configs, (config, key) => fileObjectOf("configs", key, config, around)),
  };
}
