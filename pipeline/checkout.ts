import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { sourceRoot } from "../settings/delivered.ts";
import { generated } from "../settings/project.ts";
import { git, gitOutput } from "./git.ts";

const kept = 5;
/** A checkout lies inside the project's own repository, which must never be mistaken for it. */
const alone = { alone: true };
const noHooks = ["-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"];

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Whether the folder holds exactly the commit, once what is not the commit's is removed. */
async function reusable(folder: string, commit: string): Promise<boolean> {
  if (!(await isThere(join(folder, ".git")))) return false;
  const head = await git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"], alone);
  if (head.stdout.trim() !== commit) return false;
  if (await isClean(folder)) return true;
  await cleanCheckout(folder);
  return isClean(folder);
}

async function isClean(folder: string): Promise<boolean> {
  const status = await git(folder, ["status", "--porcelain", "--ignored"], alone);
  return status.exitCode === 0 && status.stdout === "";
}

/** Makes a checkout the commit's again: without build output, what tests left, and what was changed in it. */
export async function cleanCheckout(folder: string): Promise<void> {
  await git(folder, [...noHooks, "reset", "--quiet", "--hard"], alone);
  await git(folder, ["clean", "-ffdxq"], alone);
}

/** A repository of its own that borrows the objects of `source`: no copy, no network, nothing registered in `source`. */
async function checkOutInto(
  folder: string,
  source: string,
  commit: string,
  signal?: AbortSignal | undefined,
): Promise<void> {
  const objects = resolve(source, (await gitOutput(source, ["rev-parse", "--git-path", "objects"], { signal })).trim());
  await gitOutput(folder, ["init", "--quiet", "--template="], { signal, alone: true });
  await mkdir(join(folder, ".git", "objects", "info"), { recursive: true });
  await writeFile(join(folder, ".git", "objects", "info", "alternates"), `${objects}\n`);
  await gitOutput(folder, [...noHooks, "checkout", "--quiet", "--force", "--detach", commit], { signal, alone: true });
  if (await isThere(join(folder, ".gitmodules"))) {
    await gitOutput(folder, [...noHooks, "submodule", "update", "--quiet", "--init", "--recursive"], {
      signal,
      alone: true,
    });
  }
}

/** Old checkouts go, the last few stay. */
async function prune(root: string): Promise<void> {
  const names = await readdir(root);
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(root, name))).mtimeMs })));
  const old = aged.toSorted((one, other) => other.at - one.at).slice(kept);
  await Promise.all(old.map(({ name }) => rm(join(root, name), { recursive: true, force: true })));
}

/**
 * Where the checkouts are that a run builds in and tests in: nobody who only looks at a commit may clean, or remove, what is worked in. One
 * run of a commit at a time has its own.
 */
export const runCheckouts = (): string => generated("run-checkouts");

/**
 * A clean checkout of exactly this commit, reused when it is there and unmodified.
 * @returns its folder
 */
export async function checkOut(
  commit: string,
  { source = sourceRoot(), root = generated("checkouts"), signal }: CheckoutOptions = {},
): Promise<string> {
  const folder = join(root, commit);
  await mkdir(root, { recursive: true });
  if (!(await reusable(folder, commit))) {
    const temporary = await mkdtemp(join(root, "new-"));
    try {
      await checkOutInto(temporary, source, commit, signal);
      await rm(folder, { recursive: true, force: true });
      await rename(temporary, folder);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  const now = new Date();
  await utimes(folder, now, now);
  await prune(root);
  return folder;
}

interface CheckoutOptions {
  source?: string;
  root?: string;
  signal?: AbortSignal | undefined;
}
