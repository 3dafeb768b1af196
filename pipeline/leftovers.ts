import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";

import { environments } from "../settings/environment.ts";
import { generated, ownerLabel, projectRoot, socketFolder } from "../settings/project.ts";

const filters = { label: [`${ownerLabel.label}=${ownerLabel.value}`] };
/** More nodes than any environment may have. */
const mostNodes = 50;

/** Gone already, or somebody else's container uses it: both are fine. */
const quietly = (removal: Promise<unknown>): Promise<boolean> =>
  removal.then(
    () => true,
    () => false,
  );

async function removeContainers(engine: Docker): Promise<string[]> {
  const found = await engine.listContainers({ all: true, filters });
  await Promise.all(found.map(({ Id }) => quietly(engine.getContainer(Id).remove({ force: true, v: true }))));
  return found.map(({ Names, Id }) => `container ${Names[0]?.slice(1) ?? Id}`);
}

/** What the dashboard started as a job of a Swarm that this engine is of; other engines have no services. */
async function removeJobs(engine: Docker): Promise<string[]> {
  const found = await engine.listServices({ filters }).catch(() => []);
  await Promise.all(found.map(({ ID }) => quietly(engine.getService(ID).remove())));
  return found.map(({ Spec, ID }) => `service ${Spec?.Name ?? ID}`);
}

async function removeNetworks(engine: Docker): Promise<string[]> {
  const found = await engine.listNetworks({ filters });
  await Promise.all(found.map(({ Id }) => quietly(engine.getNetwork(Id).remove())));
  return found.map(({ Name }) => `network ${Name}`);
}

async function removeVolumes(engine: Docker): Promise<string[]> {
  const { Volumes: found } = await engine.listVolumes({ filters });
  await Promise.all(found.map(({ Name }) => quietly(engine.getVolume(Name).remove({ force: true }))));
  return found.map(({ Name }) => `volume ${Name}`);
}

/** The platform's images, unless another clone on this machine builds on the same ones. */
async function platformImages(engine: Docker): Promise<string[]> {
  const all = await engine.listContainers({ all: true, filters: { label: [ownerLabel.label] } });
  if (all.some(({ Labels }) => Labels[ownerLabel.label] !== ownerLabel.value)) return [];
  const entries = await readdir(join(projectRoot, "images"), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `slipway/${name}:latest`);
}

/** The images that this clone built: its platform's, and whatever was pushed to its registry. */
async function removeImages(engine: Docker, registry: string): Promise<string[]> {
  const platform = await platformImages(engine);
  const images = await engine.listImages();
  const names = images.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]);
  const ours = names.filter((name) => platform.includes(name) || name.startsWith(`${registry}/`));
  const removed: string[] = [];
  for (const name of ours) if (await quietly(engine.getImage(name).remove())) removed.push(`image ${name}`);
  return removed;
}

async function removeFolders(): Promise<void> {
  const nodes = Array.from({ length: mostNodes }, (_, index) => index + 1);
  const sockets = environments.flatMap((environment) => nodes.map((node) => socketFolder(environment, node)));
  const folders = [...sockets, generated("checkouts"), generated("run-checkouts")];
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

/**
 * Removes from this machine what bears this clone's label, whatever Pulumi's state knows of it.
 * @returns what was removed, for a person to read
 */
export async function removeLeftovers(engine: Docker, registry: string | undefined): Promise<string[]> {
  const jobs = await removeJobs(engine);
  const containers = await removeContainers(engine);
  const others = [...(await removeNetworks(engine)), ...(await removeVolumes(engine))];
  const images = registry === undefined ? [] : await removeImages(engine, registry);
  await removeFolders();
  return [...jobs, ...containers, ...others, ...images];
}
