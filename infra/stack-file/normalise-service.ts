import { readEnvFile } from "./env-file.ts";
import {
  absolute,
  dictionary,
  duration,
  given,
  type Listed,
  list,
  mapValues,
  nullable,
  type Surroundings,
} from "./forms.ts";
import type { FileReference, Healthcheck, Mount, Port, StackService } from "./model.ts";
import { shortMount } from "./mounts.ts";
import { deployOf } from "./normalise-deploy.ts";
import { shortPorts } from "./ports.ts";
import type { RawService } from "./schema.ts";
import { shellWords } from "./words.ts";

/** A path that is absolute on Windows, where nodes may be: `c:\\data`, `\\\\server\\share\\data`. */
const windowsPath = /^(?:[a-z]:[\\/]|\\\\[^.\\][^\\]*\\[^\\]+\\)/i;

/** Reads one service, at `services.NAME`. */
export class ServiceReader {
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
    return windowsPath.test(path) ? path : absolute(this.#around.folder, path);
  }

  #ignored(key: string, what: string): void {
    this.#around.found.warning(`${this.#at}.${key}`, what);
  }
}

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
