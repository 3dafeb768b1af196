import { expect, test } from "vitest";

import type { Run } from "../../../evidence/run.ts";
import type { KeptRun } from "../../../evidence/run-store.ts";
import { joined } from "../../../pipeline/history.ts";
import type { StackUpdate } from "../../../pipeline/stack-history.ts";
import { aRun } from "../evidence/a-run.ts";

const began = Date.parse("2026-01-31T12:00:00.500Z");
const at = (seconds: number): Date => new Date(began + seconds * 1_000);

const commit = (digit: string): string => digit.repeat(40);

const kept = (digit: string, from: number, to: number, more: Partial<Run> = {}): KeptRun => ({
  ...aRun({ commit: commit(digit), startedOn: at(from), finishedOn: at(to), ...more }),
  tag: digit,
  signer: "ci",
});

/** An update of production as Pulumi notes it, in whole seconds. */
const update = (message: string, from: number, more: Partial<StackUpdate> = {}): StackUpdate => ({
  kind: "update",
  startedOn: new Date(Math.floor(at(from).getTime() / 1_000) * 1_000),
  finishedOn: at(from + 5),
  result: "succeeded",
  message,
  byHand: false,
  changes: {},
  ...more,
});

const deploying = (digit: string, from: number, more?: Partial<StackUpdate>): StackUpdate =>
  update(`demo ${digit.repeat(12)}`, from, more);

const told = (updates: StackUpdate[], runs: KeptRun[]) =>
  joined("production", updates, runs).map(({ kind, run, update: of }) => [kind, run?.tag, of?.message]);

const back = (digit: string): Pick<Run, "wentBack"> => ({
  wentBack: { environment: "production", commit: commit(digit), version: "1", outcome: "restored", seconds: 5 },
});

test("an update is told with the run that it was part of, one that took production back included", () => {
  const updates = [deploying("a", 30), deploying("b", 10, { result: "failed" })];
  expect(told(updates, [kept("b", 0, 60, { outcome: "failed", ...back("a") })])).toEqual([
    ["going back", "b", "demo aaaaaaaaaaaa"],
    ["promotion", "b", "demo bbbbbbbbbbbb"],
  ]);
});

test("a rollback by hand is one entry", () => {
  const rolledBack = kept("a", 0, 60, { kind: "rollback", outcome: "restored", steps: [], ...back("a") });
  expect(told([deploying("a", 10)], [rolledBack])).toEqual([["going back", "a", "demo aaaaaaaaaaaa"]]);
});

test("an update in the very second in which its run began is that run's", () => {
  expect(told([deploying("a", 0)], [kept("a", 0, 60)])).toEqual([["promotion", "a", "demo aaaaaaaaaaaa"]]);
});

test("of two runs at once, each has its own update", () => {
  const runs = [kept("a", 0, 60), kept("b", 1, 61)];
  expect(told([deploying("b", 30), deploying("a", 20)], runs)).toEqual([
    ["promotion", "b", "demo bbbbbbbbbbbb"],
    ["promotion", "a", "demo aaaaaaaaaaaa"],
  ]);
});

test("what was done by hand is nobody's run, even while one was at it", () => {
  const byHand = update("", 30, { byHand: true });
  expect(told([byHand, deploying("a", 10)], [kept("a", 0, 60)])).toEqual([
    ["by hand", undefined, ""],
    ["promotion", "a", "demo aaaaaaaaaaaa"],
  ]);
});

test("an update without a run that was kept was not concluded", () => {
  expect(told([deploying("a", 100)], [kept("b", 0, 60, { steps: [] })])).toEqual([
    ["not concluded", undefined, "demo aaaaaaaaaaaa"],
  ]);
});

test("a run that Pulumi knows nothing of is told all the same, if it was here", () => {
  const elsewhere = { number: 5, name: "functional tests", environment: "staging", outcome: "passed", seconds: 1 };
  const runs = [kept("a", 0, 60), kept("b", 70, 80, { steps: [elsewhere] as Run["steps"] })];
  expect(told([], runs)).toEqual([["promotion", "a", undefined]]);
});
