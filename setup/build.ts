import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { projectRoot } from "../settings/project.ts";
import { goCommand } from "./needs/go.ts";
import { timed } from "./progress.ts";
import type { Report } from "./report.ts";
import { run } from "./run.ts";
import versions from "./versions.json" with { type: "json" };

/** A program that is built from a Go module in setup/plugins/. */
export interface Build {
  /** The module's folder in setup/plugins/. */
  module: string;
  package: string;
  ldflags: string;
  /** Where the program goes. A mark beside it says what it was built from, and that it was built here. */
  output: string;
}

const mark = (build: Build): string => join(dirname(build.output), `.${basename(build.output)}.built-from`);

/** What a program's mark says about it: it came from elsewhere, it was built from these sources, or from others. */
export async function origin(build: Build): Promise<"elsewhere" | "current" | "outdated"> {
  const marked = await readFile(mark(build), "utf8").catch(() => undefined);
  if (marked === undefined) return "elsewhere";
  return marked.trim() === (await sourceHash(build)) ? "current" : "outdated";
}

/** One hash over all that a build is made from. */
export async function sourceHash(build: Build): Promise<string> {
  const folder = moduleFolder(build);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"))
    .map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.sort().map((file) => readFile(file)));
  const hash = createHash("sha256").update(`${build.package} ${build.ldflags}`);
  for (const [index, file] of files.entries()) {
    hash.update(`\0${file.slice(folder.length)}\0`).update(contents[index] ?? "");
  }
  return hash.digest("hex");
}

/** Builds the program beside its place and puts it there when it is whole. */
export async function goBuild(report: Report, build: Build): Promise<void> {
  const go = await goCommand(report);
  const folder = dirname(build.output);
  await mkdir(folder, { recursive: true });
  await removeLeftovers(build);
  const hash = await sourceHash(build);
  const made = `${build.output}.building-${process.pid}`;
  await timed(report, `Building ${basename(build.output)} from the Go module proxy`, () =>
    run(go, buildArguments(build, made), "Run the same command again: what was downloaded and compiled is kept.", {
      cwd: moduleFolder(build),
      env: buildEnvironment,
    }),
  );
  await rm(mark(build), { force: true });
  await rename(made, build.output);
  await writeFile(mark(build), `${hash}\n`);
}

/** What go is told. All builds share these flags, since each is made from what the one before it compiled. */
export function buildArguments(build: Build, output: string): string[] {
  return [
    "build",
    "-mod=readonly",
    "-trimpath",
    "-ldflags",
    `-s -w ${build.ldflags}`.trim(),
    "-o",
    output,
    build.package,
  ];
}

const buildEnvironment = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "", GOWORK: "off" };

const moduleFolder = (build: Build): string => join(projectRoot, "setup", "plugins", build.module);

async function removeLeftovers(build: Build): Promise<void> {
  const folder = dirname(build.output);
  const begun = `${basename(build.output)}.building-`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(begun) && !isAlive(Number(name.slice(begun.length)))) await rm(join(folder, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The version of the CLI as it is told to the linker. */
export const cliLdflags = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${versions.pulumi}`;
