import { expect, test } from "vitest";

import type { Run } from "../../../evidence/run.ts";
import { type Dora, doraOf } from "../../../pipeline/dora.ts";
import { aRun } from "../evidence/a-run.ts";

const minute = 60_000;
const day = 1_440 * minute;
const until = new Date("2026-01-31T12:00:00.000Z");
/** So many minutes before now. */
const ago = (minutes: number): Date => new Date(until.getTime() - minutes * minute);

/** A run that is older than every window here: so far back goes what is known. */
const old = aRun({ commit: "0".repeat(40), finishedOn: ago(60 * 1_440) });

/** Figures of the last 30 days; runs in the order in which they ended. */
const figures = (...runs: Run[]): Dora =>
  doraOf([old, ...runs].toReversed(), { since: new Date(until.getTime() - 30 * day), until });

const commit = (digit: string): string => digit.repeat(40);

/** A deployment that held, ended so many minutes ago, of commits that git had so many minutes before that. */
const held = (digit: string, ended: number, committed: number[] = [10]): Run =>
  aRun({ commit: commit(digit), finishedOn: ago(ended), changes: committed.map((before) => ago(ended + before)) });

/** One that step 8 said no to; it began to change production a minute before it ended. */
function notHeld(digit: string, ended: number, wentBack?: "restored" | "failed" | "refused"): Run {
  const run = held(digit, ended);
  const steps = run.steps.map((step) => (step.number === 8 ? { ...step, outcome: "failed" as const } : step));
  const back = { environment: "production", commit: commit("a"), version: "1", seconds: 5 } as const;
  return { ...run, outcome: "failed", steps, ...(wentBack ? { wentBack: { ...back, outcome: wentBack } } : {}) };
}

/** A rollback by hand. */
function rollback(from: string, to: string, ended: number, outcome: "restored" | "failed" = "restored"): Run {
  const { changes: _, ...run } = held(to, ended);
  return {
    ...run,
    kind: "rollback",
    outcome,
    steps: [],
    before: { commit: commit(from), version: "1" },
    wentBack: { environment: "production", commit: commit(to), version: "1", outcome, seconds: 5 },
  };
}

test("a worked example: four deployments, of which one went back by itself and one by hand", () => {
  const dora = figures(
    held("a", 5_000, [10, 20]),
    notHeld("b", 4_000, "restored"),
    held("c", 3_000, [30]),
    rollback("c", "a", 2_900),
    held("d", 1_000, [100]),
  );
  expect(dora).toEqual({
    since: new Date(until.getTime() - 30 * day),
    until,
    deployments: 4,
    deploymentFrequency: 4 / 30,
    // Of 10, 20, 30 and 100 minutes; what did not hold brought nothing.
    changeLeadTime: { seconds: 25 * 60, of: 4 },
    failed: 2,
    changeFailPercentage: 50,
    // One minute, and the 101 from when c began to change production.
    failedDeploymentRecoveryTime: { seconds: 51 * 60, of: 2 },
    notRecovered: 0,
  });
});

test("where there is nothing to compute a figure from, there is none, rather than zero", () => {
  expect(figures()).toMatchObject({
    deployments: 0,
    deploymentFrequency: 0,
    changeLeadTime: null,
    changeFailPercentage: null,
    failedDeploymentRecoveryTime: null,
  });
  expect(doraOf([], { since: ago(30 * 1_440), until })).toMatchObject({ deploymentFrequency: null });
});

test("the time counts since the first run, and less than a day is too little for a frequency", () => {
  const since = ago(30 * 1_440);
  const ofTwoDays = doraOf([held("a", 2 * 1_440 - 2)], { since, until });
  expect(ofTwoDays.since).toEqual(ago(2 * 1_440));
  expect(ofTwoDays.deploymentFrequency).toBe(1 / 2);
  expect(doraOf([held("a", 100)], { since, until })).toMatchObject({ deployments: 1, deploymentFrequency: null });
});

test("only what ended within the time counts, but what came before is remembered", () => {
  const dora = figures(held("a", 31 * 1_440), held("a", 100), rollback("a", "0", 50));
  expect(dora).toMatchObject({ deployments: 0, failed: 0 });
});

test("a run that did not come to production is no deployment", () => {
  const outcomes = ["ready", "declined", "rejected", "failed"] as const;
  const runs = outcomes.map((outcome, index) => ({ ...held("a", 100 - index), outcome, steps: [] }));
  expect(figures(...runs)).toMatchObject({ deployments: 0, failed: 0 });
});

test("what runs already and is tested again is no deployment; what went and came again is one", () => {
  expect(figures(held("a", 100), held("a", 90))).toMatchObject({ deployments: 1 });
  expect(figures(held("a", 100), held("b", 90), held("a", 80))).toMatchObject({ deployments: 3 });
});

test("a deployment whose step 8 was done before an interruption counts by its step 9", () => {
  const run = held("a", 100);
  const steps = run.steps.map((step) => (step.number === 8 ? { ...step, outcome: "skipped" as const } : step));
  const readiness = { ...steps.at(-1), number: 9, outcome: "passed" } as Run["steps"][number];
  expect(figures({ ...run, steps: [...steps, readiness] })).toMatchObject({ deployments: 1, failed: 0 });
});

test.each<[string, Run[], Partial<Dora>]>([
  ["the next deployment that holds", [notHeld("b", 100, "failed"), held("c", 41)], { notRecovered: 0 }],
  ["a rollback by hand", [notHeld("b", 100, "refused"), rollback("b", "a", 41)], { notRecovered: 0 }],
])("what could not go back by itself recovers by %s", (_, runs, more) => {
  const recovery = { seconds: 60 * 60, of: 1 };
  expect(figures(...runs)).toMatchObject({ failed: 1, failedDeploymentRecoveryTime: recovery, ...more });
});

test("what has not recovered yet is told as that, and is in no median", () => {
  const dora = figures(held("a", 200), notHeld("b", 100, "failed"), rollback("b", "a", 50, "failed"));
  expect(dora).toMatchObject({ failed: 1, notRecovered: 1, failedDeploymentRecoveryTime: null });
});

test("to go back further, or forward again, blames no deployment a second time", () => {
  const dora = figures(
    held("a", 500),
    held("b", 400),
    rollback("b", "a", 300),
    rollback("a", "0", 200),
    rollback("0", "b", 100),
  );
  expect(dora).toMatchObject({ deployments: 2, failed: 1, notRecovered: 0 });
});

test("a rollback blames what had held last, whatever failed and went back by itself since", () => {
  const dora = figures(held("a", 500), notHeld("b", 400, "restored"), rollback("a", "0", 300));
  expect(dora).toMatchObject({ deployments: 2, failed: 2, notRecovered: 0 });
});

test("going back from something else than the last deployment says nothing about that", () => {
  expect(figures(held("a", 500), held("b", 400), rollback("c", "a", 300))).toMatchObject({ failed: 0 });
});

test("going back in another environment says nothing about production", () => {
  const back = rollback("a", "0", 50);
  const elsewhere = { ...back, wentBack: { ...back.wentBack, environment: "prodlike" } } as Run;
  expect(figures(held("a", 100), elsewhere)).toMatchObject({ deployments: 1, failed: 0 });
});

test("a clock that is ahead makes no time negative", () => {
  expect(figures(held("a", 100, [-30]))).toMatchObject({ changeLeadTime: { seconds: 0 } });
});
