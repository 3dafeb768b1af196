// `node images/build.ts <name> [--push <registry>]`: builds one of this folder's images. Prints one line, its identity.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { execa } from "execa";

import { Registry, RegistryError } from "../registry/client.ts";
import { writeWhole } from "../registry/writing.ts";
import { generated } from "../settings/project.ts";

const images = ["dashboard", "door", "edge", "node", "postgres", "registry", "swarm-node"];
const usage = `Usage: node images/build.ts <${images.join("|")}> [--push <registry>]`;
const registryDeadline = 30_000;

/** Runs the Docker CLI; everything it says goes to standard error, since standard output is for the result. */
const docker = async (...args: string[]): Promise<void> => {
  await execa("docker", args, { stdout: process.stderr, stderr: "inherit" });
};

const inspect = async (image: string, format: string): Promise<string> =>
  (await execa("docker", ["image", "inspect", "--format", format, image], { stderr: "inherit" })).stdout.trim();

async function build(name: string): Promise<string> {
  const folder = join(import.meta.dirname, name);
  const context = name === "node" ? generated("node") : folder;
  const tag = `slipway/${name}:latest`;
  await docker("build", "--force-rm", "--tag", tag, "--file", join(folder, "Dockerfile"), context);
  return tag;
}

/** A registry that was only just started does not answer yet. */
async function answering(registry: string): Promise<void> {
  const deadline = Date.now() + registryDeadline;
  for (;;) {
    try {
      const response = await new Registry(registry, { patience: 5_000 }).ask("");
      await response.body?.cancel();
      if (response.ok) return;
    } catch (error) {
      // What somebody has to do something about does not pass by waiting.
      if (error instanceof RegistryError && error.next !== undefined) throw error;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `The registry ${registry} did not answer within ${registryDeadline / 1000} s. Start it: pulumi up -s delivery`,
      );
    }
    await sleep(100);
  }
}

/** Pushes `tag` and returns its digest reference in that registry. */
async function push(tag: string, registry: string): Promise<string> {
  const remote = `${registry}/${tag}`;
  await answering(registry);
  await docker("tag", tag, remote);
  await writeWhole(
    new Registry(registry),
    tag.replace(/:latest$/, ""),
    () => docker("push", remote),
    () => true,
  );
  const digests = await inspect(remote, "{{range .RepoDigests}}{{println .}}{{end}}");
  const reference = digests.split("\n").find((digest) => digest.startsWith(remote.replace(/:latest$/, "@")));
  if (reference === undefined)
    throw new Error(`The engine knows no digest of ${remote} after its push. Push it again.`);
  return reference;
}

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({ options: { push: { type: "string" } }, allowPositionals: true });
  const [name] = positionals;
  if (name === undefined || positionals.length > 1 || !images.includes(name)) throw new Error(usage);
  const tag = await build(name);
  return values.push === undefined ? inspect(tag, "{{.Id}}") : push(tag, values.push);
}

try {
  console.log(await main());
} catch (error) {
  // The Docker CLI's own words are above; what remains to be said is which call it was.
  console.error(error instanceof Error ? ((error as { shortMessage?: string }).shortMessage ?? error.message) : error);
  process.exitCode = 1;
}
