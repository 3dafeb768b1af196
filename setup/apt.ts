import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";

import { SetupError } from "./errors.ts";
import { timed } from "./progress.ts";
import type { Report } from "./report.ts";
import { attempt, run } from "./run.ts";

/** Whether set-up may install Debian packages here. */
export const canInstallPackages = (): boolean => process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");

const options = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];
const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };

let queue: Promise<unknown> = Promise.resolve();

/** Installs Debian packages. Waits for any other apt that holds the lock, and one of these at a time runs here. */
export function installPackages(report: Report, ...packages: string[]): Promise<void> {
  const next = queue.then(() => timed(report, `apt-get install ${packages.join(" ")}`, () => install(packages)));
  queue = next.catch(() => undefined);
  return next;
}

async function install(packages: readonly string[]): Promise<void> {
  const args = [...options, "install", "--yes", "--no-install-recommends", ...packages];
  // A list that is there may be old; asking for a new one first costs a few seconds that are mostly not needed.
  if (await hasLists()) {
    const outcome = await attempt("apt-get", args, { env });
    if (outcome.ok) return;
  }
  await updateLists();
  await run("apt-get", args, `Install them yourself: apt-get install ${packages.join(" ")}`, { env });
}

async function hasLists(): Promise<boolean> {
  const names = await readdir("/var/lib/apt/lists").catch(() => []);
  return names.some((name) => name.endsWith("_Packages") || name.includes("_Packages."));
}

async function updateLists(): Promise<void> {
  const next = "Check the package sources in /etc/apt and the network, then run the same command again.";
  const args = [...options, "update"];
  const timeout = 300_000;
  // A lock that another apt-get update holds is not waited for by apt itself.
  for (let tries = 0; tries < 60; tries += 1) {
    const outcome = await attempt("apt-get", args, { env, timeout });
    if (outcome.ok) return;
    if (!outcome.tail.includes("Could not get lock")) {
      throw new SetupError(`apt-get update failed:\n${outcome.tail}`, next);
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  throw new SetupError("Another apt-get update has not ended for two minutes.", "ps aux | grep apt");
}
