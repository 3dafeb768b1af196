import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

import type { Delivery } from "../settings/delivery.ts";
import { generated } from "../settings/project.ts";
import { StepFailure } from "./errors.ts";
import type { LogFile } from "./log-file.ts";
import { type CommandOptions, type CommandResult, runCommand } from "./run-command.ts";

const timeoutSeconds = 900;

/** Variables by which a surrounding npm or Vitest would change what the application's own commands do. */
const foreign = /^(VITEST|npm_(package|lifecycle)_|npm_config_local_prefix$|NODE_COMPILE_CACHE$|TEST$)/;

/** What is the driver's own: the code under test has no business with it. */
const secret = /^(SLIPWAY_(SIGNING_KEY|STATUS_)|PULUMI_(CONFIG_PASSPHRASE|ACCESS_TOKEN)|CREDENTIALS_DIRECTORY$)/;

/** The environment for the commands of an application: the pinned Node.js and its npm come first. */
export function applicationEnvironment(own: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  const path = [generated("node", "node_modules", ".bin"), dirname(process.execPath), own.PATH ?? ""].join(delimiter);
  const removed = Object.keys(own).filter((name) => foreign.test(name) || secret.test(name));
  return { ...Object.fromEntries(removed.map((name) => [name, undefined])), CI: "true", PATH: path };
}

const isNpmCi = (command: readonly string[] | undefined): boolean => command?.join(" ") === "npm ci";

/** Where the node_modules that `npm ci` makes from this lockfile are kept; undefined when they cannot be kept. */
async function cacheOf({ folder, unitTests }: Delivery): Promise<string | undefined> {
  if (!isNpmCi(unitTests.prepare)) return undefined;
  const lockfile = await readFile(join(folder, "package-lock.json")).catch(() => undefined);
  const hash = lockfile && createHash("sha256").update(lockfile).update(process.version).digest("hex").slice(0, 16);
  return hash && generated("cache", `npm-ci-${hash}`);
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Copied whole and renamed, so that a copy that was interrupted is never used. */
async function keep(modules: string, cache: string): Promise<void> {
  if (!(await isThere(modules))) return;
  await mkdir(dirname(cache), { recursive: true });
  const temporary = await mkdtemp(`${cache}-`);
  try {
    await cp(modules, join(temporary, "node_modules"), { recursive: true, verbatimSymlinks: true });
    await rename(temporary, cache);
  } catch {
    await rm(temporary, { recursive: true, force: true });
  }
}

function assertPassed(result: CommandResult, what: string, command: readonly string[], log: LogFile): void {
  if (result.exitCode === 0) return;
  const how = result.timedOut ? `took longer than ${timeoutSeconds / 60} minutes` : `failed (${command.join(" ")})`;
  throw new StepFailure(`${what} ${how}`, { details: log.tail(40) });
}

async function prepare(delivery: Delivery, options: CommandOptions & { log: LogFile }): Promise<void> {
  const { prepare: command } = delivery.unitTests;
  if (!command) return;
  const modules = join(delivery.folder, "node_modules");
  const cache = await cacheOf(delivery);
  if (cache && (await isThere(cache))) {
    options.log.note(`node_modules as npm ci made them from this lockfile before: ${cache}`);
    await cp(join(cache, "node_modules"), modules, { recursive: true, verbatimSymlinks: true });
    return;
  }
  assertPassed(await runCommand(command, options), "Preparing the unit tests", command, options.log);
  if (cache) await keep(modules, cache);
}

/**
 * Runs the application's unit tests as its delivery.yaml says, in the folder of that file.
 * @throws StepFailure with the last lines of what they printed
 */
export async function runUnitTests(
  delivery: Delivery,
  log: LogFile,
  signal: AbortSignal,
  detail: (text: string) => void,
): Promise<void> {
  const onOutput = (text: string): void => detail(text.trim().split("\n").at(-1) ?? "");
  const options = { cwd: delivery.folder, env: applicationEnvironment(), log, signal, timeoutSeconds, onOutput };
  await prepare(delivery, options);
  const command = delivery.unitTests.run;
  assertPassed(await runCommand(command, options), "The unit tests", command, log);
}
