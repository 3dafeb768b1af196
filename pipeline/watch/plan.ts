import type { Conclusion } from "./events.ts";

/** How far a branch is done with. */
export interface Place {
  /** The last commit that is done with; undefined where none is. */
  last: string | undefined;
  /** Where the branch is now. */
  head: string;
  /** What has come to it since the last one, oldest first; undefined when that is not of the branch any more. */
  since: readonly string[] | undefined;
}

/** What is to be delivered. */
export interface Plan {
  /** In this order. */
  commits: readonly string[];
  skipped: readonly string[];
  /** The branch was pushed by force, so that nobody can say what is new. */
  forced: boolean;
}

/** What comes next on a branch: its newest commit, or each one on the way to it. */
export function planFor({ last, head, since }: Place, every: boolean): Plan {
  if (last === head) return { commits: [], skipped: [], forced: false };
  if (last === undefined) return { commits: [head], skipped: [], forced: false };
  if (since === undefined) return { commits: [head], skipped: [], forced: true };
  if (every) return { commits: since, skipped: [], forced: false };
  return { commits: [head], skipped: since.filter((commit) => commit !== head), forced: false };
}

/**
 * Whether a commit that came to this before is delivered all the same. One that was bad is tried again by people only; one that
 * was not is gone back to when the branch is pushed back to it.
 */
export const isRepeated = (conclusion: Conclusion, forced: boolean): boolean =>
  forced && conclusion !== "failed" && conclusion !== "rejected";

/** Whether what is before a commit that came to this can still wait for the button: whatever is newer comes in its place. */
export const isNewest = (conclusion: Conclusion | undefined): boolean =>
  conclusion === "deployed" || conclusion === "ready";
