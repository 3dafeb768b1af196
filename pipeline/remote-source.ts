import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { generated } from "../settings/project.ts";
import { PrerequisiteError, UsageError } from "./errors.ts";
import { git } from "./git.ts";
import { plainLine } from "./plain-text.ts";
import { inTurn } from "./run-lock.ts";

const fetchSeconds = 600;

/** `https://…`, `ssh://…`, `git://…`, `file://…`, or `git@host:path` as git takes it, too. */
const remote = /^(https?|ssh|git|file):\/\/[^\s]+$|^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^\s]+$/;

/** Whether a source is a repository elsewhere, rather than a folder. */
export const isRemote = (source: string): boolean => remote.test(source);

/** Git would write it into the clone's configuration, and others into their logs. */
function refusePassword(url: string): void {
  if (!URL.canParse(url) || new URL(url).password === "") return;
  throw new UsageError("A repository's address may not hold a password, which would be written down with it", {
    next: "give it to git: git help credentials",
  });
}

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  );

/** Where the clone of a repository is kept. */
export const cloneOf = (url: string, root = generated("sources")): string =>
  join(root, `${createHash("sha256").update(url).digest("hex").slice(0, 16)}.git`);

async function gitOrWhy(cwd: string, args: readonly string[], url: string, signal: AbortSignal): Promise<void> {
  const { exitCode, stderr, timedOut } = await git(cwd, args, { signal, timeoutSeconds: fetchSeconds });
  if (exitCode === 0) return;
  const last = stderr.trim().split("\n").at(-1) ?? "";
  const why = timedOut ? `no end within ${fetchSeconds} s` : plainLine(last, 300);
  throw new PrerequisiteError(`${plainLine(url, 200)} cannot be fetched: ${why}`, {
    next: `git ls-remote ${plainLine(url, 200)} (shows whether git reaches it and may read it)`,
  });
}

/** All branches and tags, moved and removed ones, too. */
const update = [
  "fetch",
  "--quiet",
  "--prune",
  "--force",
  "--",
  "origin",
  "+refs/heads/*:refs/heads/*",
  "+refs/tags/*:refs/tags/*",
];

async function clone(url: string, folder: string, signal: AbortSignal): Promise<void> {
  const temporary = await mkdtemp(join(dirname(folder), "new-"));
  try {
    await gitOrWhy(temporary, ["clone", "--quiet", "--bare", "--template=", "--", url, "."], url, signal);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * A bare clone of a repository elsewhere, as it is there now. It is kept, so that the next time only what is new comes.
 * @returns its folder
 * @throws UsageError, PrerequisiteError, InterruptedError
 */
export async function fetched(url: string, signal: AbortSignal, root = generated("sources")): Promise<string> {
  refusePassword(url);
  const folder = cloneOf(url, root);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const turn = { what: "fetch a repository", signal, onWait: () => {} };
  await inTurn(`source-${folder.slice(-20, -4)}`, turn, async () => {
    if (await isThere(folder)) await gitOrWhy(folder, update, url, signal);
    else await clone(url, folder, signal);
  });
  return folder;
}
