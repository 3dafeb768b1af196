import type { Run, RunStep } from "../evidence/run.ts";
import type { KeptRun } from "../evidence/run-store.ts";
import { type Deployment, type Dora, deploymentsOf, doraOf, leadTimes, type Median, median } from "./dora.ts";
import { failedTestsIn } from "./suite.ts";

const day = 86_400_000;

/** What came to production on one day, by UTC. */
export interface Day {
  on: Date;
  held: number;
  failed: number;
  /** Of the commits that came that day. */
  leadTime: Median | null;
}

/** How long a step takes where it is run and passes. */
export interface StepTimes extends Pick<RunStep, "number" | "name" | "environment"> {
  /** In seconds. */
  median: number;
  longest: number;
  of: number;
}

/** A step that said yes and no to the same commit. */
export interface Flaky extends Pick<RunStep, "number" | "name" | "environment"> {
  commit: string;
  subject: string;
  passed: number;
  failed: number;
  /** The tests that failed, as far as the runs tell. */
  tests: string[];
  /** When it said no last. */
  last: Date;
}

/** What runs tell of how delivery goes. */
export interface Figures {
  dora: Dora;
  /** All days of the time that was asked about, oldest first. */
  days: Day[];
  /** The one that takes longest first. */
  steps: StepTimes[];
  /** The latest first. */
  flaky: Flaky[];
}

const dayOf = (at: Date): number => Math.floor(at.getTime() / day);

function daysOf(deployments: readonly Deployment[], { since, until }: Pick<Dora, "since" | "until">): Day[] {
  const byDay = Map.groupBy(deployments, ({ ended }) => dayOf(ended));
  const first = dayOf(since);
  return Array.from({ length: dayOf(until) - first + 1 }, (_, index) => {
    const own = byDay.get(first + index) ?? [];
    return {
      on: new Date((first + index) * day),
      held: own.filter(({ failed }) => !failed).length,
      failed: own.filter(({ failed }) => failed).length,
      leadTime: median(own.filter(({ reached }) => reached).flatMap(leadTimes)),
    };
  });
}

function stepTimes(runs: readonly Run[]): StepTimes[] {
  const passed = runs.flatMap(({ steps }) => steps.filter(({ outcome }) => outcome === "passed"));
  return [...Map.groupBy(passed, ({ number }) => number).values()]
    .flatMap((all) => {
      const [one] = all;
      const seconds = all.map((step) => step.seconds);
      const middle = median(seconds.map((each) => each * 1_000));
      if (!one || !middle) return [];
      const { number, name, environment } = one;
      const title = { number, name, ...(environment ? { environment } : {}) };
      return [{ ...title, median: middle.seconds, longest: Math.max(...seconds), of: all.length }];
    })
    .toSorted((one, other) => other.median - one.median);
}

/** The steps by number that tests decide. */
const tested = [2, 5, 7, 9];

function flakyOf(runs: readonly Run[]): Flaky[] {
  const all = runs.flatMap((run) =>
    run.steps
      .filter(({ number, outcome }) => tested.includes(number) && (outcome === "passed" || outcome === "failed"))
      .map((step) => ({ run, step })),
  );
  const groups = Map.groupBy(all, ({ run, step }) => `${run.commit} ${step.number}`);
  return [...groups.values()]
    .flatMap((group) => {
      const failures = group.filter(({ step }) => step.outcome === "failed");
      const [latest] = failures;
      if (!latest || failures.length === group.length) return [];
      const { number, name, environment } = latest.step;
      return [
        {
          number,
          name,
          ...(environment ? { environment } : {}),
          commit: latest.run.commit,
          subject: latest.run.subject,
          passed: group.length - failures.length,
          failed: failures.length,
          tests: [...new Set(failures.flatMap(({ step }) => failedTestsIn(step.details ?? [])))],
          last: latest.run.finishedOn,
        },
      ];
    })
    .toSorted((one, other) => other.last.getTime() - one.last.getTime());
}

/**
 * Computes what runs tell of how delivery went.
 * @param runs newest first; those before `since` say where deployments began
 */
export function figuresOf(runs: readonly KeptRun[], time: Pick<Dora, "since" | "until">): Figures {
  const own = runs.filter(({ finishedOn }) => finishedOn >= time.since);
  const deployments = deploymentsOf(runs).filter(({ ended }) => ended >= time.since);
  return { dora: doraOf(runs, time), days: daysOf(deployments, time), steps: stepTimes(own), flaky: flakyOf(own) };
}
