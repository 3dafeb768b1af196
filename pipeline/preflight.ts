import { mkdir, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import type Docker from "dockerode";

import { trustedKeys } from "../evidence/project.ts";
import { edgePorts, environments, isLocal } from "../settings/environment.ts";
import { generated, ownerLabel, projectName } from "../settings/project.ts";
import { answers, connect } from "../swarm/engine.ts";
import { assertClusters } from "./clusters.ts";
import { PrerequisiteError, UsageError } from "./errors.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { machineEngine } from "./machine-engine.ts";
import { assertRegistry } from "./own-registry.ts";
import { type StackSettings, settingsOf, stackSettings } from "./stack-settings.ts";

const gibibyte = 1024 ** 3;

/** @throws PrerequisiteError when this machine's engine does not answer */
export async function assertEngine(address: string = machineEngine()): Promise<Docker> {
  if (await answers(address, 10_000)) return connect(address);
  throw new PrerequisiteError(`The Docker engine at ${address} does not answer`, {
    next: "npm run promote -- doctor (says how to get or start one)",
  });
}

async function freeBytes(folder: string): Promise<number> {
  const found = await statfs(folder).catch(() => undefined);
  return found ? found.bavail * found.bsize : Number.POSITIVE_INFINITY;
}

async function assertDisk(engine: Docker): Promise<void> {
  const root = ((await engine.info()) as { DockerRootDir?: string }).DockerRootDir;
  await mkdir(generated(), { recursive: true, mode: 0o700 });
  for (const folder of [generated(), ...(root ? [root] : [])]) {
    const free = await freeBytes(folder);
    if (free >= gibibyte) continue;
    const megabytes = Math.floor(free / 1024 ** 2);
    throw new PrerequisiteError(`Only ${megabytes} MiB are free where ${folder} is; at least 1 GiB is needed`, {
      next: "docker system df (shows what takes it), then docker image prune",
    });
  }
}

/** Whether nothing listens on this port of 127.0.0.1. */
export const portIsFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });

interface WantedPort {
  port: number;
  /** The key and the file that ask for it. */
  askedBy: string;
}

function wantedPorts({ delivery, environments: all }: StackSettings): WantedPort[] {
  const local = environments.filter((name) => isLocal(all[name]));
  const ofEnvironments = local.flatMap((name) =>
    edgePorts(all[name]).flatMap(({ http, https }) => [
      { port: http, askedBy: `${projectName}:port in Pulumi.${name}.yaml` },
      { port: https, askedBy: `${projectName}:tlsPort in Pulumi.${name}.yaml` },
    ]),
  );
  if (delivery.registry) return ofEnvironments;
  const ofRegistry = { port: delivery.registryPort, askedBy: `${projectName}:registryPort in Pulumi.delivery.yaml` };
  return [ofRegistry, ...ofEnvironments];
}

/** Who publishes which port on this engine. */
async function publishers(engine: Docker): Promise<Map<number, { name: string; ours: boolean }>> {
  const containers = await engine.listContainers();
  return new Map(
    containers.flatMap((container) => {
      const ours = container.Labels[ownerLabel.label] === ownerLabel.value;
      const name = container.Names[0]?.slice(1) ?? container.Id.slice(0, 12);
      return container.Ports.map(({ PublicPort }) => [PublicPort, { name, ours }] as const);
    }),
  );
}

async function assertPorts(engine: Docker, settings: StackSettings): Promise<void> {
  const published = await publishers(engine);
  for (const { port, askedBy } of wantedPorts(settings)) {
    const publisher = published.get(port);
    if (publisher?.ours || (!publisher && (await portIsFree(port)))) continue;
    const who = publisher ? `container ${publisher.name}` : "another program";
    throw new PrerequisiteError(`Port ${port} of 127.0.0.1 is taken by ${who}, and ${askedBy} wants it`, {
      next: publisher ? `docker stop ${publisher.name}, or set another port there` : "Set another port there.",
    });
  }
}

async function assertSubnets(engine: Docker, settings: StackSettings): Promise<void> {
  const networks = await engine.listNetworks();
  for (const name of environments.filter((one) => isLocal(settings.environments[one]))) {
    const { subnet } = settings.environments[name];
    const other = networks.find(
      ({ IPAM, Labels }) =>
        Labels?.[ownerLabel.label] !== ownerLabel.value && IPAM?.Config?.some((config) => config.Subnet === subnet),
    );
    if (!other) continue;
    throw new UsageError(`Network ${other.Name} of this engine has ${subnet}, and so would ${name}`, {
      next: `Set another ${projectName}:subnet in Pulumi.${name}.yaml.`,
    });
  }
}

/**
 * Checks what can be known without an engine, and so before anything is installed for the sake of this commit.
 * @throws SettingsError or UsageError
 */
export async function assertPossible(commit: string): Promise<void> {
  await assertRepository();
  await settingsOf(await resolveCommit(commit));
}

/**
 * Checks, before anything is changed, what can be known by then: the settings of every stack, the engine, disk space,
 * ports, networks, and the managers of Swarms that are there already.
 * @param commit whose settings count
 * @throws SettingsError, UsageError or PrerequisiteError
 */
export async function preflight(commit: string): Promise<void> {
  const settings = await settingsOf(commit);
  // Who approves and whose word counts is for the working tree to say, and is read only steps later.
  await stackSettings();
  await trustedKeys();
  if (settings.delivery.registry) await assertRegistry(settings.delivery.registry);
  const engine = await assertEngine();
  await assertDisk(engine);
  await assertPorts(engine, settings);
  await assertSubnets(engine, settings);
  await assertClusters(settings);
}
