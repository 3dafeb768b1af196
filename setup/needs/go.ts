import { chmod, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { canInstallPackages, installPackages } from "../apt.ts";
import { SetupError } from "../errors.ts";
import { timed } from "../progress.ts";
import type { Report } from "../report.ts";
import { attempt, run, which } from "../run.ts";
import versions from "../versions.json" with { type: "json" };
import type { Change } from "./need.ts";

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };
const byHand = `Install Go ${versions.go} or newer: https://go.dev/doc/install`;

let found: Promise<string> | undefined;

/** The go command of a Go that is new enough; got where there is none. Asked for only when something must be built. */
export function goCommand(report: Report): Promise<string> {
  found ??= get(report);
  return found;
}

/** What getting Go would change, if a build turns out to be needed. */
export async function goChanges(): Promise<readonly Change[]> {
  if ((await findGo()) !== undefined) return [];
  const what = `Go ${versions.go} with its caches of some 4 GB, only if something must be built`;
  return [{ what, where: `${moduleCache()}, with Debian's golang-go to get it` }];
}

/** Whether version a is at least version b, number by number. */
export function isAtLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (const [at, wanted] of (right ?? []).entries()) {
    const has = left?.[at] ?? 0;
    if (has !== wanted) return has > wanted;
  }
  return true;
}

/** The version that `go version` tells. */
export const goVersion = (told: string): string | undefined => /\bgo(\d+(?:\.\d+)*)/.exec(told)?.[1];

/** The go command of a Go that is there and new enough. */
export async function findGo(): Promise<string | undefined> {
  const installed = await installedGo();
  if (installed?.isNewEnough) return installed.command;
  const toolchain = join(toolchainFolder(), "bin", "go");
  return (await isNewEnough(toolchain)) ? toolchain : undefined;
}

async function get(report: Report): Promise<string> {
  const there = await findGo();
  if (there !== undefined) return there;
  const installed = await installedGo();
  return timed(report, `Getting Go ${versions.go}`, () => downloadToolchain(report, installed?.command));
}

async function installedGo(): Promise<{ command: string; isNewEnough: boolean } | undefined> {
  const path = [process.env.PATH ?? "", "/usr/local/go/bin"].join(delimiter);
  const command = await which("go", path);
  return command === undefined ? undefined : { command, isNewEnough: await isNewEnough(command) };
}

/** Which Go this is itself, not which one it would fetch. */
async function isNewEnough(command: string): Promise<boolean> {
  const outcome = await attempt(command, ["version"], { env: { GOTOOLCHAIN: "local" }, cwd: "/" });
  const version = outcome.ok ? goVersion(outcome.stdout) : undefined;
  const [major, minor] = versions.go.split(".");
  return version !== undefined && isAtLeast(version, `${major}.${minor}`);
}

/** Any Go can download a newer one, which is a module whose checksum the checksum database knows. */
async function downloadToolchain(report: Report, command: string | undefined): Promise<string> {
  const go = command ?? (await debianGo(report));
  const env = { GOTOOLCHAIN: "local", GOFLAGS: "", GOMODCACHE: moduleCache() };
  await run(go, ["mod", "download", toolchainModule()], byHand, { env, cwd: "/" });
  await makeExecutable(toolchainFolder());
  const made = join(toolchainFolder(), "bin", "go");
  if (!(await isNewEnough(made))) throw new SetupError(`${made} cannot be run.`, byHand);
  return made;
}

async function debianGo(report: Report): Promise<string> {
  if (!canInstallPackages()) {
    throw new SetupError("Pulumi's downloads cannot be reached, and to build its parts Go is needed.", byHand);
  }
  await installPackages(report, "golang-go");
  return "/usr/bin/go";
}

/** Modules are stored without permission to run anything. */
async function makeExecutable(folder: string): Promise<void> {
  const tools = join("pkg", "tool");
  for (const inside of ["bin", tools]) {
    const entries = await readdir(join(folder, inside), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    await Promise.all(files.map((file) => chmod(join(file.parentPath, file.name), 0o755)));
  }
}

function toolchainModule(): string {
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw new SetupError(`There is no Go for ${process.arch} in this set-up.`, byHand);
  return `golang.org/toolchain@v0.0.1-go${versions.go}.${process.platform}-${architecture}`;
}

const toolchainFolder = (): string => join(moduleCache(), ...toolchainModule().split("/"));

function moduleCache(): string {
  const goPath = process.env.GOPATH?.split(delimiter)[0] || join(homedir(), "go");
  return process.env.GOMODCACHE || join(goPath, "pkg", "mod");
}
