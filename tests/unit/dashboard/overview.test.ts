import { expect, test } from "vitest";

import { latestRuns } from "../../../dashboard/latest-runs.ts";
import { cellsOf, overviewOf, type Sources } from "../../../dashboard/overview.ts";
import type { Claim } from "../../../evidence/claims.ts";
import type { ReleaseEvidence } from "../../../evidence/of-release.ts";
import type { FollowedRun } from "../../../pipeline/progress-file.ts";
import type { EnvironmentStatus } from "../../../pipeline/status.ts";
import { aRun } from "../evidence/a-run.ts";

const id = (letter: string): string => letter.repeat(40);
const commits = ["d", "c", "b", "a"].map((letter) => ({
  commit: id(letter),
  subject: `commit ${letter}`,
  author: "Ann",
  on: new Date("2026-01-01T00:00:00Z"),
}));

const steps = [
  { number: 1, name: "check out" },
  { number: 2, name: "unit tests", claim: "unit-tests" as const },
  { number: 8, name: "deploy to production", claim: "deploy/production" as const },
];

const tested: Claim[] = [
  "unit-tests",
  "build",
  "deploy/staging",
  "functional/staging",
  "deploy/prodlike",
  "readiness/prodlike",
];
const proof = (...claims: Claim[]): ReleaseEvidence =>
  ({ evidence: claims.map((claim) => ({ digest: claim, claim })), missing: [] }) as unknown as ReleaseEvidence;

const status = (environment: EnvironmentStatus["environment"], letter?: string): EnvironmentStatus => ({
  environment,
  state: letter ? "healthy" : "nothing deployed",
  ...(letter ? { release: { commit: id(letter) } } : {}),
  addresses: [],
  services: [],
  reasons: [],
});

const all = (more: Partial<Sources>): Sources => ({
  environments: [status("staging"), status("prodlike"), status("production", "b")],
  commits,
  proofs: new Map(),
  runs: [],
  steps,
  ...more,
});

/** When nothing has waited for long. */
const soon = Date.parse("2026-01-02T00:00:00Z");

const standings = (more: Partial<Sources>): string[] => overviewOf(all(more)).rows.map(({ standing }) => standing);

const run = (more: Partial<FollowedRun> = {}): FollowedRun => ({
  commit: id("c"),
  startedOn: new Date("2026-01-02T00:00:00Z"),
  steps: [],
  notes: [],
  ...more,
});

test("a release stands by what it proved and where production is", () => {
  const proofs = new Map([
    [id("d"), proof("unit-tests", "build")],
    [id("c"), proof(...tested)],
    [id("b"), proof(...tested, "deploy/production")],
    [id("a"), proof(...tested)],
  ]);
  expect(standings({ proofs })).toEqual(["on its way", "ready", "in production", "superseded"]);
  expect(standings({ proofs: new Map([[id("a"), proof(...tested, "deploy/production")]]) })).toEqual([
    "not delivered",
    "not delivered",
    "in production",
    "was in production",
  ]);
});

test("a run that goes on, failed or was stopped says so", () => {
  const failed = {
    number: 2,
    name: "unit tests",
    outcome: "failed",
    reason: "3 failed",
    startedOn: new Date(),
    seconds: 1,
  } as const;
  expect(standings({ runs: [run()] })[1]).toBe("running");
  expect(standings({ runs: [run({ outcome: "failed", steps: [failed] })] })[1]).toBe("failed");
  expect(standings({ runs: [run({ outcome: "stopped", reason: "killed" })] })[1]).toBe("stopped");
  const { attention } = overviewOf(all({ runs: [run({ outcome: "failed", steps: [failed] })] }), soon);
  expect(attention).toMatchObject([{ kind: "bad", what: "commit c: a step said no", why: "unit tests: 3 failed" }]);
});

test("what a run was stopped in is not shown as running, and what was proved before is skipped", () => {
  const running = { number: 2, name: "unit tests", outcome: "running", startedOn: new Date() } as const;
  const skipped = { ...running, outcome: "skipped", seconds: 0 } as const;
  const outcomes = (proved: ReleaseEvidence | undefined, followed: FollowedRun): string[] =>
    cellsOf(steps, proved, followed).map(({ outcome }) => outcome);
  expect(outcomes(undefined, run({ steps: [running] }))[1]).toBe("running");
  expect(outcomes(undefined, run({ steps: [running], outcome: "stopped" }))[1]).toBe("not reached");
  expect(outcomes(proof("unit-tests"), run({ steps: [skipped] }))).toEqual(["passed", "skipped", "not reached"]);
  expect(outcomes(undefined, run({ outcome: "superseded" }))).toEqual(["superseded", "superseded", "superseded"]);
});

test("what needs attention comes with the worst first", () => {
  const degraded: EnvironmentStatus = { ...status("production", "b"), state: "degraded", reasons: ["1 of 2 tasks"] };
  const glass = { reason: "an outage", approver: "ann@home", on: new Date() };
  const { attention } = overviewOf(
    all({
      environments: [{ ...degraded, brokenGlass: glass }],
      proofs: new Map([[id("c"), proof(...tested)]]),
      runs: [run({ commit: id("d"), outcome: "stopped" })],
    }),
    soon,
  );
  expect(attention.map(({ what }) => what)).toEqual([
    "production is degraded",
    "ann@home broke the glass for what production runs",
    "commit c: waits for approval",
    "commit d: its run was stopped",
  ]);
});

test("evidence that does not count does not make a release ready", () => {
  const flawed = proof(...tested);
  for (const one of flawed.evidence) one.flaw = "it is signed by a key that is not trusted";
  expect(standings({ proofs: new Map([[id("c"), flawed]]) })[1]).toBe("on its way");
});

test("what was changed by hand, and that production is far behind, wants somebody", () => {
  const drift = new Map([["staging" as const, ["service staging_edge: label who found me, expected none", "another"]]]);
  const now = Date.parse("2026-01-08T00:00:00Z");
  expect(overviewOf(all({ drift }), now).attention).toMatchObject([
    { kind: "careful", what: "staging was changed by hand", why: expect.stringContaining("and 1 more") },
    { kind: "careful", what: "production is 2 commits behind", why: "commit c waits longest" },
  ]);
  expect(overviewOf(all({}), now - 1).attention).toEqual([]);
});

test("of a commit's runs here and elsewhere the last one is told, and of one that ended here what its file says", () => {
  const kept = (letter: string, on: string) => ({
    ...aRun({ commit: id(letter), finishedOn: new Date(on), outcome: "failed" }),
    tag: letter,
    signer: "ci",
  });
  const ended = new Date("2026-01-02T00:05:00Z");
  const here = [run({ commit: id("a"), outcome: "ready", endedOn: ended }), run({ commit: id("b") })];
  const elsewhere = [kept("a", "2026-01-02T00:04:59Z"), kept("b", "2026-01-03T00:00:00Z"), kept("c", "2026-01-03")];
  const told = latestRuns(here, elsewhere).map(({ commit, outcome }) => [commit.slice(0, 1), outcome]);
  expect(told).toEqual([
    ["c", "failed"],
    ["a", "ready"],
    ["b", undefined],
  ]);
  const later = latestRuns(here, [kept("a", "2026-01-04")]).find(({ commit }) => commit === id("a"));
  expect(later).toMatchObject({ outcome: "failed", steps: [{ number: 2 }, { number: 8 }] });
});
