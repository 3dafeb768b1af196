import { sourceRoot } from "../../settings/delivered.ts";
import { PrerequisiteError, UsageError } from "../errors.ts";
import { git, gitOutput } from "../git.ts";
import { plainLine } from "../plain-text.ts";

/** A branch that is followed: one of a remote, or without one this clone's own. */
export interface Branch {
  name: string;
  remote: string | undefined;
}

export interface BranchOptions {
  branch: string;
  /** The remote to follow it in, when it is said. */
  remote?: string | undefined;
  /** This clone's own branch, though there is a remote. */
  local: boolean;
}

const fetchSeconds = 300;

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

const quoted = (text: string): string => JSON.stringify(plainLine(text, 80));

/** The remote that is meant: the one that was named, else the only one, else origin. */
function remoteOf(remotes: readonly string[], named: string | undefined): string | undefined {
  if (named !== undefined) {
    if (remotes.includes(named)) return named;
    throw new UsageError(`This repository has no remote ${quoted(named)}`, { next: "git remote -v" });
  }
  if (remotes.length <= 1) return remotes[0];
  if (remotes.includes("origin")) return "origin";
  throw new UsageError(`This repository has several remotes, and none is called origin: ${remotes.join(", ")}`, {
    next: "the same command with --remote NAME, or with --local for this clone's own branch",
  });
}

/** The ref in this repository that says where the branch is. */
const refOf = ({ name, remote }: Branch): string =>
  remote === undefined ? `refs/heads/${name}` : `refs/remotes/${remote}/${name}`;

/** What there is to say of the branch: `main of origin`, `main of this clone`. */
export const branchText = ({ name, remote }: Branch): string => plainLine(`${name} of ${remote ?? "this clone"}`);

async function assertThere(branch: Branch, folder: string, signal?: AbortSignal): Promise<void> {
  const { name, remote } = branch;
  const heads = `refs/heads/${name}`;
  const code =
    remote === undefined
      ? (await git(folder, ["show-ref", "--verify", "--quiet", heads])).exitCode
      : (await git(folder, ["ls-remote", "--exit-code", "--quiet", "--", remote, heads], { signal })).exitCode;
  // Any other failure of a remote is the network's, which may be back soon.
  if (code === 0 || (remote !== undefined && code !== 2)) return;
  throw new UsageError(`There is no branch ${quoted(name)} in ${remote ?? "this clone"}`, {
    next: "the same command with --branch NAME",
  });
}

/**
 * Finds the branch that is meant.
 * @throws UsageError when there is no such branch or remote; a remote that does not answer is none
 */
export async function findBranch(
  { branch: name, remote: named, local }: BranchOptions,
  { folder = sourceRoot(), signal }: { folder?: string | undefined; signal?: AbortSignal } = {},
): Promise<Branch> {
  if (name.includes("\0") || (await git(folder, ["check-ref-format", `refs/heads/${name}`])).exitCode !== 0) {
    throw new UsageError(`${quoted(name)} is no name of a branch`);
  }
  const remotes = lines(await gitOutput(folder, ["remote"]));
  const branch = { name, remote: local ? undefined : remoteOf(remotes, named) };
  await assertThere(branch, folder, signal);
  return branch;
}

/** What git says of a remote may hold what logs in there, before its version 2.22. */
const withoutLogin = (text: string): string => text.replaceAll(/\/\/[^/@\s]+@/g, "//");

/**
 * The commit that the branch is at now, got from its remote where it has one.
 * @throws PrerequisiteError when the remote does not give it, or it is not there any more
 */
export async function headOf(
  branch: Branch,
  { folder = sourceRoot(), signal }: { folder?: string | undefined; signal?: AbortSignal } = {},
): Promise<string> {
  const { name, remote } = branch;
  if (remote !== undefined) {
    // With +, since a branch may be pushed by force.
    const refspec = `+refs/heads/${name}:${refOf(branch)}`;
    const args = ["fetch", "--quiet", "--no-tags", "--", remote, refspec];
    const fetched = await git(folder, args, { signal, timeoutSeconds: fetchSeconds });
    if (fetched.exitCode !== 0) {
      const said = lines(fetched.stderr).at(-1) ?? (fetched.timedOut ? `no end within ${fetchSeconds} s` : "");
      throw new PrerequisiteError(plainLine(withoutLogin(said), 300));
    }
  }
  const { stdout } = await git(folder, ["rev-parse", "--verify", "--quiet", `${refOf(branch)}^{commit}`]);
  const commit = stdout.trim();
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new PrerequisiteError(`${branchText(branch)} is not there any more`);
  return commit;
}

/**
 * What has come to the branch since a commit, oldest first, of merges the merge alone.
 * @returns undefined when the commit is not of the branch any more: it was pushed by force
 */
export async function commitsSince(commit: string, head: string, folder = sourceRoot()): Promise<string[] | undefined> {
  const isOn = await git(folder, ["merge-base", "--is-ancestor", commit, head]);
  if (isOn.exitCode !== 0) return undefined;
  return lines(await gitOutput(folder, ["rev-list", "--first-parent", "--reverse", `${commit}..${head}`, "--"]));
}

/** The last commits of the branch, newest first, of merges the merge alone. */
export const lastCommits = async (head: string, count: number, folder = sourceRoot()): Promise<string[]> =>
  lines(await gitOutput(folder, ["rev-list", "--first-parent", `--max-count=${count}`, head, "--"]));
