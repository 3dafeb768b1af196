import { sourceRoot } from "../settings/delivered.ts";
import { git, gitOutput } from "./git.ts";
import { plainLine } from "./plain-text.ts";

/** What git says of a commit. */
export interface CommitFacts {
  commit: string;
  /** The first line of its message. */
  subject: string;
  author: string;
  /** Since when git has it. */
  on: Date;
}

const format = "--format=%H%x00%an%x00%ct%x00%s";

const commitIn = (text: string): CommitFacts[] => {
  const [commit = "", author = "", at = "", subject = ""] = text.split("\0");
  if (!/^[0-9a-f]{40}$/.test(commit)) return [];
  return [
    { commit, subject: plainLine(subject, 120), author: plainLine(author, 80), on: new Date(Number(at) * 1_000) },
  ];
};

const commitsIn = (text: string): CommitFacts[] => text.split("\n").flatMap(commitIn);

/** The commits that a commit comes after, itself first. */
export const commitsFrom = async (
  commit: string,
  { limit, folder = sourceRoot() }: { limit: number; folder?: string },
): Promise<CommitFacts[]> => commitsIn(await gitOutput(folder, ["log", `--max-count=${limit}`, format, commit, "--"]));

/** What git says of commits; nothing of those that this repository does not know. */
export async function factsOf(commits: readonly string[], folder: string = sourceRoot()): Promise<CommitFacts[]> {
  const known = commits.filter((commit) => /^[0-9a-f]{40}$/.test(commit));
  if (known.length === 0) return [];
  const all = await git(folder, ["log", "--no-walk=unsorted", "--ignore-missing", format, ...known, "--"]);
  return commitsIn(all.stdout);
}

/** What a commit has that another one has not: the way from one release to the next. */
export interface Between {
  /** Newest first. */
  commits: CommitFacts[];
  /** Whether there are more than were asked for. */
  more: boolean;
  /** How many the other one has that this one has not: what would be lost. */
  lost: number;
}

/** @returns undefined where the repository does not know both */
export async function between(
  from: string,
  to: string,
  { limit, folder = sourceRoot() }: { limit: number; folder?: string },
): Promise<Between | undefined> {
  const range = ["log", `--max-count=${limit + 1}`, format, to, "--not", from, "--"];
  const [ahead, behind] = await Promise.all([
    git(folder, range),
    git(folder, ["rev-list", "--count", from, "--not", to, "--"]),
  ]);
  if (ahead.exitCode !== 0 || behind.exitCode !== 0) return undefined;
  const commits = commitsIn(ahead.stdout);
  return { commits: commits.slice(0, limit), more: commits.length > limit, lost: Number(behind.stdout.trim()) };
}
