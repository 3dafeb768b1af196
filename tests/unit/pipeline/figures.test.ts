import { expect, test } from "vitest";

import type { Run, RunStep } from "../../../evidence/run.ts";
import type { KeptRun } from "../../../evidence/run-store.ts";
import { figuresOf } from "../../../pipeline/figures.ts";
import { aRun } from "../evidence/a-run.ts";

const until = new Date("2026-01-31T18:00:00.000Z");
const since = new Date("2026-01-29T18:00:00.000Z");

const kept = (commit: string, on: string, more: Partial<Run> = {}): KeptRun => ({
  ...aRun({ commit: commit.repeat(40), finishedOn: new Date(`${on}T12:00:00.000Z`), ...more }),
  tag: `${commit}${on}`,
  signer: "ci",
});

const suite = (outcome: "passed" | "failed", details?: string[]): RunStep => ({
  number: 5,
  name: "functional tests",
  environment: "staging",
  outcome,
  seconds: 3,
  ...(details ? { details } : {}),
});

test("each day tells what came to production, and those without anything are there, too", () => {
  const back = { environment: "production" as const, commit: "a".repeat(40), version: "1", seconds: 5 };
  const failed = kept("b", "2026-01-31", { outcome: "failed", wentBack: { ...back, outcome: "restored" } });
  const { days } = figuresOf([failed, kept("a", "2026-01-29")], { since: new Date("2026-01-29T00:00:00Z"), until });
  expect(days.map(({ on, held, failed: bad }) => [on.toISOString().slice(0, 10), held, bad])).toEqual([
    ["2026-01-29", 1, 0],
    ["2026-01-30", 0, 0],
    ["2026-01-31", 0, 1],
  ]);
  expect(days[0]?.leadTime).toEqual({ seconds: 300, of: 1 });
  expect(days[2]?.leadTime).toBeNull();
});

test("the slowest step comes first, and what was skipped or failed says nothing of it", () => {
  const steps: RunStep[] = [
    { number: 2, name: "unit tests", outcome: "passed", seconds: 4 },
    { number: 3, name: "build the images", outcome: "passed", seconds: 9 },
    { number: 4, name: "deploy to staging", outcome: "skipped", seconds: 0 },
    suite("failed"),
  ];
  const slower = steps.map((step) => (step.number === 2 ? { ...step, seconds: 6 } : step));
  const runs = [kept("a", "2026-01-31", { steps }), kept("b", "2026-01-30", { steps: slower })];
  expect(figuresOf(runs, { since, until }).steps).toEqual([
    { number: 3, name: "build the images", median: 9, longest: 9, of: 2 },
    { number: 2, name: "unit tests", median: 5, longest: 6, of: 2 },
  ]);
});

test("a test is flaky that said yes and no to the same commit", () => {
  const runs = [
    kept("a", "2026-01-31", { steps: [suite("passed")] }),
    kept("a", "2026-01-30", { steps: [suite("failed", ["✗ it greets", "    expected Hello"])], outcome: "failed" }),
    kept("b", "2026-01-30", { steps: [suite("failed", ["✗ it greets"])], outcome: "failed" }),
    kept("c", "2026-01-30", { steps: [suite("passed")] }),
  ];
  const { flaky } = figuresOf(runs, { since, until });
  expect(flaky).toEqual([
    expect.objectContaining({ commit: "a".repeat(40), number: 5, passed: 1, failed: 1, tests: ["it greets"] }),
  ]);
});
