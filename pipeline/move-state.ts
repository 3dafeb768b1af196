import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { chosen, generated, projectRoot, pulumiBin } from "../settings/project.ts";
import { backendUrl, openedAs, pulumiEnvironment } from "../settings/pulumi-environment.ts";
import { prepareBackend } from "./backend.ts";
import { PrerequisiteError, UsageError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { holdingAll } from "./leasing.ts";
import { unlocked } from "./locks.ts";
import { noteBackend, takeSecrets } from "./moved-settings.ts";
import { plainLine } from "./plain-text.ts";
import { told } from "./preparation.ts";
import { PulumiCommandError } from "./pulumi-command.ts";
import { explain } from "./pulumi-errors.ts";
import { runCommand } from "./run-command.ts";
import { alone } from "./run-lock.ts";
import type { State } from "./stack-state.ts";

export interface MoveStateOptions {
  /** Where to, such as `postgres://slipway@db.example.org/pulumi`. */
  url: string;
  /** What encrypts secrets from then on, such as `awskms://alias/slipway`; what did so far without it. */
  secretsProvider?: string;
  signal: AbortSignal;
  progress: Progress;
}

/** What became of the state. */
export interface MovedState {
  from: string;
  to: string;
  stacks: string[];
  /** Where the embedded default's state is kept, as it was. */
  kept?: string;
  /** The files of the project that were changed. */
  files: string[];
}

const schemes = ["file:", "s3:", "gs:", "azblob:", "postgres:"];

/** @throws UsageError for what is no backend of one's own, and for a password, which would be seen in files and lists of processes */
export function assertBackend(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !schemes.includes(parsed.protocol)) {
    throw new UsageError(`${plainLine(url.replace(/\/\/[^/@]*@/, "//…@"))} is no backend that keeps Pulumi's state`, {
      next: "Name one such as s3://bucket, gs://bucket, azblob://container, postgres://user@host/database or file:///folder.",
    });
  }
  if (parsed.password === "") return;
  throw new UsageError(`The address of the backend at ${parsed.host} holds a password`, {
    next: "Leave it out, and: export PGPASSWORD=… (or name it in ~/.pgpass)",
  });
}

/** @throws PulumiCommandError */
async function run(backend: string, folder: string, args: string[], signal: AbortSignal): Promise<string> {
  const env = { ...pulumiEnvironment(), PULUMI_BACKEND_URL: openedAs(backend) };
  const pinned = join(pulumiBin(), "pulumi");
  const command = [existsSync(pinned) ? pinned : "pulumi", "--non-interactive", ...args];
  const { exitCode, stdout, stderr } = await runCommand(command, { cwd: folder, env, signal });
  if (exitCode === 0) return stdout;
  throw new PulumiCommandError(args, stderr);
}

/**
 * Runs Pulumi in a folder on a backend.
 * @throws PrerequisiteError in words
 */
const pulumiOn = (backend: string, folder: string, args: string[], signal: AbortSignal): Promise<string> =>
  run(backend, folder, args, signal).catch((error: unknown) => {
    if (!(error instanceof PulumiCommandError)) throw error;
    const { reason, next } = explain([], error);
    throw new PrerequisiteError(`Pulumi cannot work with ${backend}: ${plainLine(reason, 500)}`, next ? { next } : {});
  });

/** What a stack's state says, its secrets in clear, which never leave this process. */
async function contentOf(backend: string, folder: string, stack: string, signal: AbortSignal): Promise<unknown> {
  const text = await pulumiOn(backend, folder, ["stack", "export", "--show-secrets", "--stack", stack], signal);
  const { deployment } = JSON.parse(text) as { deployment: { resources?: unknown } | null };
  return deployment?.resources ?? [];
}

async function stacksOn(backend: string, folder: string, signal: AbortSignal): Promise<string[]> {
  const listed = JSON.parse(await pulumiOn(backend, folder, ["stack", "ls", "--json"], signal)) as { name: string }[];
  return listed.map(({ name }) => name.split("/").at(-1) ?? name);
}

interface Move extends MoveStateOptions {
  from: string;
  /** Where Pulumi works meanwhile, so that the project's files stay as they are until all has worked. */
  folder: string;
}

/**
 * Makes sure that nothing is being done to a stack, by taking Pulumi's own lock for as long as it takes to write its state as it is.
 * @throws LockedError, PrerequisiteError
 */
async function assertSettled(name: string, { from, folder, signal, progress }: Move): Promise<void> {
  const file = join(folder, `${name}.json`);
  const exported = await pulumiOn(from, folder, ["stack", "export", "--stack", name], signal);
  await writeFile(file, exported, { mode: 0o600 });
  const cancel = async (): Promise<void> => {
    await pulumiOn(from, folder, ["cancel", "--yes", "--stack", name], signal);
  };
  await unlocked({ name, cancel }, progress, () =>
    run(from, folder, ["stack", "import", "--stack", name, "--file", file], signal),
  );
  const { deployment } = JSON.parse(exported) as { deployment: State | null };
  if ((deployment?.pending_operations ?? []).length === 0) return;
  throw new PrerequisiteError(`The last update of ${name} was cut off, and what it left has to be put right first`, {
    next: "npm run promote, then this command again",
  });
}

/** @throws PrerequisiteError when the backend has something else by that name, or does not have afterwards what the stack had */
async function moveStack(
  name: string,
  { from, url, folder, secretsProvider, signal }: Move,
  there: string[],
): Promise<void> {
  const before = await contentOf(from, folder, name, signal);
  if (!there.includes(name)) {
    const provider = secretsProvider === undefined ? [] : ["--secrets-provider", secretsProvider];
    await pulumiOn(url, folder, ["stack", "migrate", ...provider, "--yes", "--", from, name], signal);
  }
  if (isDeepStrictEqual(before, await contentOf(url, folder, name, signal))) return;
  throw new PrerequisiteError(`${url} has another state of ${name} than ${from}`, {
    next: `PULUMI_BACKEND_URL='${url}' pulumi stack export -s ${name} (shows it; pulumi stack rm removes it)`,
  });
}

/** A folder in which Pulumi finds the project and its settings, and nothing else. */
async function scratch(): Promise<string> {
  const folder = generated("move-state");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = (await readdir(projectRoot)).filter((name) => /^Pulumi\.(.+\.)?yaml$/.test(name));
  for (const file of files) await copyFile(join(projectRoot, file), join(folder, file));
  return folder;
}

/** Puts the state of the embedded default out of the way, where nobody takes it for what counts. */
async function putAside(from: string): Promise<string | undefined> {
  if (chosen(from) !== undefined) return undefined;
  const kept = generated(`state-moved-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}`);
  await rename(fileURLToPath(from), kept);
  return kept;
}

async function moveAll(move: Move): Promise<string[]> {
  const { folder, from, url, signal, progress } = move;
  const found = await stacksOn(from, folder, signal);
  for (const name of found) await assertSettled(name, move);
  if (found.length === 0)
    throw new UsageError("There is no state to move", { next: `export PULUMI_BACKEND_URL='${url}'` });
  const there = await stacksOn(url, folder, signal);
  for (const name of found) await told(`move ${name}`, progress, () => moveStack(name, move, there));
  return found;
}

/**
 * Moves what Pulumi knows of the delivery stack and the environments to another backend, and has the project's files say so. Nothing that runs
 * is touched, and what there was stays as it was; typed again after it was cut off, it goes on.
 * @throws UsageError, PrerequisiteError, and LockedError while somebody changes a stack or an environment
 */
export const moveState = (options: MoveStateOptions): Promise<MovedState> =>
  alone("promote move-state", async () => {
    const { url, signal, progress } = options;
    await prepareBackend();
    const from = backendUrl();
    for (const one of [url, from]) assertBackend(one);
    if (url === from) throw new UsageError(`Pulumi's state is at ${url} already`);
    const folder = await scratch();
    try {
      const moved = await holdingAll("promote move-state", signal, progress, () =>
        moveAll({ ...options, from, folder }),
      );
      const files = [...(await takeSecrets(moved, folder)), ...(await noteBackend(url))];
      const kept = await putAside(from);
      return { from, to: url, stacks: moved, files, ...(kept ? { kept } : {}) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
