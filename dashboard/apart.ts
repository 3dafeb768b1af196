import { fork } from "node:child_process";
import { join } from "node:path";

import type { Person } from "../evidence/approvals.ts";
import type { EnvironmentDiff } from "../pipeline/diff.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import type { Problem } from "./problem.ts";

/** A decision in somebody's name. */
export interface Decision {
  commit: string;
  decision: "approved" | "rejected";
  person: Person;
  reason: string;
  /** SHA-256 of the change that they were shown. */
  diff: string;
}

/** What is asked of a process apart. */
export type Request =
  | { what: "preview"; environment: EnvironmentName; release: Release }
  | ({ what: "decide" } & Decision);

/** What it answers. */
export type Answer = { value: unknown } | { problem: Problem };

/** What went wrong in a process apart, in words. */
export class ProblemApart extends Error {
  override readonly name = "ProblemApart";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.text);
    this.problem = problem;
  }
}

const ending: Problem = { status: 503, title: "Not done", text: "The dashboard is being stopped." };
const lost: Problem = { status: 500, title: "A fault", text: "The process that was to do it ended without a word." };

/**
 * Has something done in a process of its own that Pulumi's Automation API is needed for: with that loaded, this one would take twice
 * the memory for as long as it serves.
 */
function apart(request: Request, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "apart-process.ts"), { serialization: "advanced", signal });
    child.once("message", (answer) => {
      const { value, problem } = answer as { value?: unknown; problem?: Problem };
      if (problem) reject(new ProblemApart(problem));
      else resolve(value);
    });
    child.once("error", (error) => reject(signal.aborted ? new ProblemApart(ending) : error));
    child.once("exit", () => reject(new ProblemApart(lost)));
    child.send(request);
  });
}

/** What a release would change in an environment. */
export const previewApart = async (
  environment: EnvironmentName,
  release: Release,
  signal: AbortSignal,
): Promise<EnvironmentDiff> => (await apart({ what: "preview", environment, release }, signal)) as EnvironmentDiff;

/** Decides about a release; undefined when what would change is not what they were shown. */
export const decideApart = async (decision: Decision, signal: AbortSignal): Promise<Release | undefined> =>
  (await apart({ what: "decide", ...decision }, signal)) as Release | undefined;
