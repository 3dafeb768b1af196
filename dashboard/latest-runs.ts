import type { KeptRun } from "../evidence/run-store.ts";
import type { FollowedRun, FollowedStep } from "../pipeline/progress-file.ts";

/** A run of any clone as one that was followed to its end. */
function asFollowed({ commit, startedOn, finishedOn, outcome, steps }: KeptRun): FollowedRun {
  const begun = steps.filter((step) => step.outcome !== "not reached");
  return {
    commit,
    startedOn,
    endedOn: finishedOn,
    outcome,
    steps: begun.map((step): FollowedStep => ({ ...step, startedOn: step.startedOn ?? startedOn })),
    notes: [],
  };
}

/** The last run of each commit: of those that go on or went on here, and those that ended anywhere. */
export function latestRuns(here: readonly FollowedRun[], kept: readonly KeptRun[]): FollowedRun[] {
  const elsewhere = kept.filter(({ kind }) => kind === "promotion").map(asFollowed);
  const latest = new Map<string, FollowedRun>();
  for (const run of [...here, ...elsewhere]) {
    const other = latest.get(run.commit);
    // A run that ended here is in the registry, too, and its file says more; its clock starts a moment earlier.
    if (!other || (other.outcome && run.startedOn > (other.endedOn ?? other.startedOn))) latest.set(run.commit, run);
  }
  return [...latest.values()].toSorted((one, other) => other.startedOn.getTime() - one.startedOn.getTime());
}
