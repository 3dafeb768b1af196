import { dirname } from "node:path";

import { sourceRoot } from "../settings/delivered.ts";
import { PrerequisiteError, UsageError } from "./errors.ts";
import { plainLine } from "./plain-text.ts";
import { type CommandResult, runCommand } from "./run-command.ts";

/** Variables with which git hooks point every git command at their own repository. */
const inherited = Object.keys(process.env).filter((name) => name.startsWith("GIT_") && !name.startsWith("GIT_SSH"));

const environment: Record<string, string | undefined> = {
  ...Object.fromEntries(inherited.map((name) => [name, undefined])),
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C",
};

interface GitOptions {
  signal?: AbortSignal | undefined;
  /** Only a repository of exactly this folder counts, none above it. */
  alone?: boolean;
  timeoutSeconds?: number;
}

/** Runs git in a folder. */
export const git = (
  cwd: string,
  args: readonly string[],
  { alone, ...options }: GitOptions = {},
): Promise<CommandResult> =>
  runCommand(["git", ...args], {
    cwd,
    env: alone ? { ...environment, GIT_CEILING_DIRECTORIES: dirname(cwd) } : environment,
    ...options,
  });

const lastLine = (text: string): string => plainLine(text.trim().split("\n").at(-1) ?? "");

/** Runs git and returns what it printed; a failure names git's own reason. */
export async function gitOutput(cwd: string, args: readonly string[], options?: GitOptions): Promise<string> {
  const result = await git(cwd, args, options);
  if (result.exitCode === 0) return result.stdout;
  throw new PrerequisiteError(
    `git ${args.find((word) => /^[a-z-]+$/.test(word) && word !== "-c")} failed in ${cwd}: ${lastLine(result.stderr)}`,
  );
}

/** @throws UsageError when `folder` is not inside a git repository that git agrees to read */
export async function assertRepository(folder: string = sourceRoot()): Promise<void> {
  const result = await git(folder, ["rev-parse", "--git-dir"]);
  if (result.exitCode === 0) return;
  const ownership = result.stderr.includes("dubious ownership");
  throw new UsageError(
    ownership
      ? `git refuses to read ${folder}, because another user owns it`
      : `${folder} is not a git repository, and only commits are delivered`,
    { next: ownership ? `git config --global --add safe.directory ${folder}` : "git init && git add . && git commit" },
  );
}

async function unknown(name: string, folder: string): Promise<UsageError> {
  const shown = JSON.stringify(plainLine(name, 80));
  const shallow = (await git(folder, ["rev-parse", "--is-shallow-repository"])).stdout.trim() === "true";
  if (shallow) {
    return new UsageError(`There is no commit ${shown} in this shallow clone, which lacks older history`, {
      next: "git fetch --unshallow",
    });
  }
  const empty = (await git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"])).exitCode !== 0;
  if (empty) return new UsageError("This repository has no commit yet", { next: "git add . && git commit" });
  return new UsageError(`There is no commit ${shown} in this repository`, {
    next: "git log --oneline -10 (or git fetch, if somebody else made it), or npm run promote -- --help",
  });
}

/**
 * The full id of the commit that `name` means: an id, branch, tag or expression such as HEAD~1. Whatever the name
 * holds, git only ever looks it up.
 * @throws UsageError when there is no such commit
 */
export async function resolveCommit(name: string, folder: string = sourceRoot()): Promise<string> {
  if (name === "" || name.includes("\0")) throw await unknown(name, folder);
  const result = await git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
  const id = result.stdout.trim();
  if (result.exitCode !== 0 || !/^[0-9a-f]{40}$/.test(id)) throw await unknown(name, folder);
  return id;
}

/** Whether a commit comes after another one; false where this repository does not know both. */
export async function isNewer(commit: string, than: string, folder: string = sourceRoot()): Promise<boolean> {
  if (commit === than || ![commit, than].every((id) => /^[0-9a-f]{40}$/.test(id))) return false;
  return (await git(folder, ["merge-base", "--is-ancestor", than, commit])).exitCode === 0;
}

/** The e-mail addresses of all who wrote a commit, those whom its message names as co-authors included. */
export async function authorsOf(commit: string, folder: string = sourceRoot()): Promise<string[]> {
  const format = "%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)";
  const text = await gitOutput(folder, ["log", "-1", `--format=${format}`, commit, "--"]);
  const lines = text.split("\n").map((line) => (/<([^<>]*)>/.exec(line)?.[1] ?? line).trim());
  return [...new Set(lines.filter((line) => line.includes("@")))];
}

/** The first line of a commit's message, for a person to recognise it. */
export const subjectOf = async (commit: string, folder: string = sourceRoot()): Promise<string> =>
  plainLine(await gitOutput(folder, ["log", "-1", "--format=%s", commit, "--"]), 72);

/** The files of the working tree that differ from HEAD, or that git does not know. */
export async function uncommitted(folder: string = sourceRoot()): Promise<string[]> {
  const listed = await gitOutput(folder, ["status", "--porcelain", "-z", "--no-renames"]);
  const lines = listed.split("\0").filter((line) => line !== "");
  // Two letters and a space stand before each path.
  return lines.map((line) => line.slice(3));
}
