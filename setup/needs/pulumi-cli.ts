import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { generated, pulumiBin, pulumiHome } from "../../settings/project.ts";
import { type Build, cliLdflags, goBuild, origin } from "../build.ts";
import { tried } from "../progress.ts";
import type { Report } from "../report.ts";
import { attempt, type Outcome, which } from "../run.ts";
import versions from "../versions.json" with { type: "json" };
import { goChanges } from "./go.ts";
import type { Change, Found, Need } from "./need.ts";

const version = versions.pulumi;
const downloadLimit = 300_000;

/** The Pulumi CLI at exactly the pinned version, with its language host for Node.js. */
export const pulumiCli: Need = {
  name: "Pulumi CLI",
  find,
  missing,
  install,
  byHand: `curl -fsSL https://get.pulumi.com | sh -s -- --version ${version}`,
};

const builds = (): readonly Build[] => [
  {
    module: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: cliLdflags,
    output: join(pulumiBin(), "pulumi"),
  },
  {
    module: "language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    ldflags: "",
    output: join(pulumiBin(), "pulumi-language-nodejs"),
  },
];

async function find(): Promise<Found | undefined> {
  if (builds().every((build) => existsSync(build.output))) {
    const origins = await Promise.all(builds().map(origin));
    return origins.includes("outdated") ? undefined : { where: pulumiBin(), version };
  }
  const command = await which("pulumi");
  if (command === undefined || !existsSync(join(dirname(command), "pulumi-language-nodejs"))) return undefined;
  return (await rememberedVersion(command)) === version ? { where: command, version } : undefined;
}

async function missing(): Promise<readonly Change[]> {
  const what = `Pulumi CLI ${version}, downloaded, or built from the Go module proxy if it cannot be`;
  return [{ what, where: pulumiBin() }, ...(await goChanges())];
}

async function install(report: Report): Promise<void> {
  const origins = await Promise.all(builds().map(origin));
  const isOurs = builds().some((build, index) => existsSync(build.output) && origins[index] !== "elsewhere");
  if (!isOurs && (await tried(report, `Downloading Pulumi CLI ${version}`, download))) return;
  for (const [index, build] of builds().entries()) {
    if (!existsSync(build.output) || origins[index] !== "current") await goBuild(report, build);
  }
}

/** Pulumi's own installer, into a folder beside the right one, since it unpacks file by file. */
async function download(): Promise<Outcome> {
  const home = join(pulumiHome(), "versions");
  const folder = join(home, `.${version}-${process.pid}`);
  const script = join(import.meta.dirname, "..", "download-cli.ts");
  await mkdir(home, { recursive: true });
  try {
    const outcome = await attempt(process.execPath, [script, folder], { timeout: downloadLimit });
    if (!outcome.ok) return outcome;
    await rm(dirname(pulumiBin()), { recursive: true, force: true });
    await rename(folder, dirname(pulumiBin()));
    return outcome;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asking a CLI for its version takes longer than all other checks, so the answer is kept until the file changes. */
async function rememberedVersion(command: string): Promise<string | undefined> {
  const { mtimeMs, size } = await stat(command);
  const key = `${command} ${mtimeMs} ${size} `;
  const file = generated("cache", "pulumi-version");
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept.startsWith(key)) return kept.slice(key.length);
  const outcome = await attempt(command, ["version"], { timeout: 15_000 });
  if (!outcome.ok) return undefined;
  const told = outcome.stdout.trim().replace(/^v/, "");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, key + told);
  return told;
}
