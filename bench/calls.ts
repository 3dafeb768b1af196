// `node setup/start.mjs bench/calls.ts [services…]`: how much a rollout asks of a manager, by the docker plugin and by ourselves.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";

import { projectRoot, pulumiHome } from "../settings/project.ts";
import { pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { ensure } from "../setup/ensure.ts";
import { BareSwarm } from "../tests/support/bare-swarm.ts";
import { seconds, story } from "./measured.ts";
import type { ServicesToMake } from "./speed.ts";

/** What a rollout may ask: of the plugin for each service, of us for each second, however many services there are. */
const limits = { plugin: 6, ours: 31 };

interface Counted {
  /** Requests of the docker plugin. */
  plugin: number;
  /** Requests of the program's own client. */
  ours: number;
}

/** A socket in front of an engine's that counts what is asked; the plugin's client names itself. */
async function counter(engine: string, socket: string): Promise<{ server: Server; counted: Counted }> {
  const counted: Counted = { plugin: 0, ours: 0 };
  const socketPath = engine.replace("unix://", "");
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    counted[headers["user-agent"] ? "plugin" : "ours"]++;
    const forwarded = request({ socketPath, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { server, counted };
}

const folder = join(projectRoot, "bench", "services");
const settings = join(folder, "Pulumi.calls.yaml");

async function pulumi(what: ServicesToMake, backend: string, ...args: string[]): Promise<void> {
  const env = {
    ...pulumiEnvironment(),
    PULUMI_HOME: pulumiHome(),
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: "of a benchmark",
    SLIPWAY_BENCH: JSON.stringify(what),
  };
  await execa("pulumi", [...args, "--stack", "calls", "--non-interactive"], { cwd: folder, env, stdin: "ignore" });
}

interface Row {
  what: string;
  figure: number;
  limit: number;
}

async function measure(count: number): Promise<Row[]> {
  const work = await mkdtemp(join(tmpdir(), "slipway-calls-"));
  const swarm = await BareSwarm.make();
  try {
    return await rollouts(count, swarm, work);
  } finally {
    await swarm.remove();
    await rm(work, { recursive: true, force: true });
  }
}

async function rollouts(count: number, swarm: BareSwarm, work: string): Promise<Row[]> {
  const socket = join(work, "docker.sock");
  const { server, counted } = await counter(swarm.engine, socket);
  const { digest, tag } = swarm.image;
  const what = { engine: `unix://${socket}`, image: digest, count, replicas: 1, monitor: 2, memory: 64 };
  const rows: Row[] = [];
  const rollout = async (name: string, image: string): Promise<void> => {
    Object.assign(counted, { plugin: 0, ours: 0 });
    const taken = await seconds(() => pulumi({ ...what, image }, work, "up", "--yes", "--skip-preview"));
    story(
      `${count} services, ${name}: ${counted.plugin} requests of the plugin, ${counted.ours} of ours, ${taken.toFixed(1)} s`,
    );
    rows.push({
      what: `${count} services, ${name}: requests of the plugin for each`,
      figure: counted.plugin / count,
      limit: limits.plugin,
    });
    rows.push({
      what: `${count} services, ${name}: our requests in a second`,
      figure: counted.ours / taken,
      limit: limits.ours,
    });
  };
  try {
    await pulumi(what, work, "stack", "init");
    await rollout("created", digest);
    await rollout("another image", tag);
    await rollout("no change", tag);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(settings, { force: true });
  }
  return rows;
}

await ensure(story);
const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 100];
const rows: Row[] = [];
for (const count of counts) rows.push(...(await measure(count)));
for (const { what, figure, limit } of rows) process.stdout.write(`${what}: ${figure.toFixed(1)} (at most ${limit})\n`);
process.exitCode = rows.some(({ figure, limit }) => figure > limit) ? 1 : 0;
