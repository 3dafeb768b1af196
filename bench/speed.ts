// `node setup/start.mjs bench/speed.ts [services…]`: the same services by `pulumi up` and by `docker stack deploy`, in turn.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

import { ensure } from "../setup/ensure.ts";
import { Clone } from "../tests/support/clone.ts";
import { docker } from "../tests/support/engine.ts";
import { engineAddress } from "../tests/support/production.ts";
import { median, seconds, story, succeeded } from "./measured.ts";
import { MemoryOf } from "./memory.ts";

/** What bench/services/ is told by the environment variable SLIPWAY_BENCH. */
export interface ServicesToMake {
  /** The address of a manager. */
  engine: string;
  image: string;
  count: number;
  replicas: number;
  /** Seconds that Swarm watches each new task. */
  monitor: number;
  /** MiB for each task. */
  memory: number;
}

/** One road to the same services. */
interface Road {
  deploy(what: ServicesToMake): Promise<void>;
  remove(): Promise<void>;
}

interface Row {
  services: number;
  what: string;
  ours: number;
  peer?: number;
  /** At most so many times the peer, or else so much by itself. */
  limit?: number;
  unit: string;
}

const rows: Row[] = [];
const ratioOf = ({ ours, peer }: Row): number => (peer === undefined ? ours : ours / peer);

const text = (row: Row): string => {
  const { services, what, ours, peer, limit, unit } = row;
  const against =
    peer === undefined ? "" : `, docker stack deploy ${peer.toFixed(2)} ${unit}: ${ratioOf(row).toFixed(2)} times`;
  const allowed = limit === undefined ? "" : ` (at most ${limit}${peer === undefined ? ` ${unit}` : " times"})`;
  return `${services} services, ${what}: ${ours.toFixed(2)} ${unit}${against}${allowed}`;
};

function note(row: Row): void {
  rows.push(row);
  story(text(row));
}

/** The compose file of what bench/services/index.ts makes. */
const composeOf = ({ image, count, replicas, monitor, memory }: ServicesToMake): string => {
  const pace = { parallelism: 1, monitor: `${monitor}s`, max_failure_ratio: 0, order: "start-first" };
  const service = {
    image,
    environment: { ENVIRONMENT: "bench" },
    networks: ["net"],
    stop_grace_period: "10s",
    deploy: {
      replicas,
      endpoint_mode: "dnsrr",
      placement: { constraints: ["node.platform.os==linux"] },
      update_config: { ...pace, failure_action: "rollback" },
      rollback_config: { ...pace, failure_action: "pause" },
      restart_policy: { condition: "any", delay: "1s", window: "10s" },
      resources: { limits: { memory: `${memory}M` } },
    },
  };
  const services = Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index + 1}`, service]));
  return JSON.stringify({ version: "3.8", services, networks: { net: { driver: "overlay" } } });
};

/** Waits until no task of a stack is left on the engine. */
async function gone(engine: string, stack: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const filter = `label=com.docker.stack.namespace=${stack}`;
    const found = await docker("-H", engine, "ps", "--all", "--quiet", "--filter", filter);
    const networks = await docker("-H", engine, "network", "ls", "--quiet", "--filter", filter);
    if (found.length + networks.length === 0) return;
    if (Date.now() > deadline) throw new Error(`${stack} is still there after 120 s`);
    await sleep(200);
  }
}

function stackDeploy(engine: string, folder: string): Road {
  const file = join(folder, "compose.json");
  return {
    async deploy(what) {
      await writeFile(file, composeOf(what));
      const args = ["stack", "deploy", "--detach=false", "--resolve-image=never", "--compose-file", file, "peer"];
      await docker("-H", engine, ...args);
    },
    async remove() {
      await docker("-H", engine, "stack", "rm", "peer");
      await gone(engine, "peer");
    },
  };
}

class PulumiUp implements Road {
  readonly #folder: string;
  readonly #env: Record<string, string>;
  #what: ServicesToMake | undefined;

  constructor(clone: Clone, env: Record<string, string>) {
    this.#folder = join(clone.root, "bench", "services");
    this.#env = env;
  }

  #start(args: string[]) {
    const env = { ...this.#env, SLIPWAY_BENCH: JSON.stringify(this.#what) };
    const all = [...args, "--stack", "bench", "--non-interactive"];
    return execa("pulumi", all, { cwd: this.#folder, env, stdin: "ignore" });
  }

  async run(...args: string[]): Promise<void> {
    await this.#start(args);
  }

  /** The most memory that a run had, in MiB. To watch it takes a tenth of a processor, so no run is timed meanwhile. */
  async peak(...args: string[]): Promise<number> {
    const run = this.#start(args);
    const memory = new MemoryOf(run.pid ?? 0);
    try {
      await run;
    } finally {
      memory.stop();
    }
    return memory.peak;
  }

  async deploy(what: ServicesToMake): Promise<void> {
    this.#what = what;
    await this.run("up", "--yes", "--skip-preview");
  }

  async remove(): Promise<void> {
    await this.run("destroy", "--yes", "--skip-preview");
  }
}

/** Two images that differ in nothing but their digest, on the engine already. */
async function images(engine: string, registry: number): Promise<[string, string]> {
  const built = await Promise.all(
    ["one", "two"].map(async (name) => {
      const tag = `127.0.0.1:${registry}/bench/${name}`;
      const file = `FROM debian:bookworm-slim\nLABEL bench=${name}\nCMD ["bash", "-c", "trap 'exit 0' TERM; sleep infinity & wait"]\n`;
      await execa("docker", ["build", "--quiet", "--tag", tag, "-"], { input: file });
      await docker("push", "--quiet", tag);
      const [reference = ""] = await docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", tag);
      await docker("-H", engine, "pull", "--quiet", reference);
      await docker("image", "rm", "--force", tag);
      return reference;
    }),
  );
  return built as [string, string];
}

async function compare(
  count: number,
  ours: PulumiUp,
  peer: Road,
  what: Omit<ServicesToMake, "image">,
  [one, two]: string[],
) {
  const limit = count === 20 ? { limit: 1.05 } : {};
  const both = async (name: string, image: string | undefined) => {
    const args = { ...what, image: image as string };
    const stack = await seconds(() => peer.deploy(args));
    note({
      services: count,
      what: name,
      ours: await seconds(() => ours.deploy(args)),
      peer: stack,
      unit: "s",
      ...limit,
    });
  };
  await both("created", one);
  await both("new image", two);
  const previews: number[] = [];
  for (let run = 0; run < 5; run++) previews.push(await seconds(() => ours.run("preview")));
  const peaks = [await ours.peak("preview"), await ours.peak("preview")];
  const allowed = new Map([
    [1, 1.2],
    [100, 2],
  ]).get(count);
  note({
    services: count,
    what: "preview of no change, median of 5",
    ours: median(previews),
    unit: "s",
    ...(allowed ? { limit: allowed } : {}),
  });
  note({ services: count, what: "memory of that preview", ours: Math.max(...peaks), limit: 500, unit: "MiB" });
  note({
    services: count,
    what: "up of no change",
    ours: await seconds(() => ours.deploy({ ...what, image: two as string })),
    unit: "s",
  });
  await ours.remove();
  await peer.remove();
}

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 10, 20, 100];
await ensure(story);
const clone = await Clone.make("speed");
try {
  await clone.promote("status");
  const env = JSON.parse((await clone.promote("env", "--json")).stdout) as Record<string, string>;
  for (const stack of ["delivery", "staging"]) {
    await succeeded(clone.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--non-interactive"));
  }
  const engine = engineAddress(clone, "staging");
  const built = await images(engine, Number(await clone.get("delivery", "registryPort")));
  await mkdir(join(clone.root, ".slipway", "bench"), { recursive: true });
  const peer = stackDeploy(engine, join(clone.root, ".slipway", "bench"));
  const ours = new PulumiUp(clone, env);
  await ours.run("stack", "init");
  for (const count of counts) {
    await compare(count, ours, peer, { engine, count, replicas: count === 100 ? 1 : 2, monitor: 2, memory: 64 }, built);
  }
} finally {
  await clone.remove();
}
for (const row of rows) process.stdout.write(`${text(row)}\n`);
process.exitCode = rows.some((row) => row.limit !== undefined && ratioOf(row) > row.limit) ? 1 : 0;
