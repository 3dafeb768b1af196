import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";

import { historyLines } from "../../../../cli/render/history.ts";
import type { Run } from "../../../../evidence/run.ts";
import type { History, HistoryEntry } from "../../../../pipeline/history.ts";
import type { StackUpdate } from "../../../../pipeline/stack-history.ts";
import { aRun } from "../../evidence/a-run.ts";

const startedOn = new Date("2026-01-31T12:00:00.000Z");
const after = (seconds: number): Date => new Date(startedOn.getTime() + seconds * 1_000);

const update: StackUpdate = {
  kind: "update",
  startedOn,
  finishedOn: after(7),
  result: "succeeded",
  message: "demo aaaaaaaaaaaa",
  byHand: false,
  changes: {},
};

const entry = (kind: HistoryEntry["kind"], run: Partial<Run> | undefined, of?: Partial<StackUpdate>): HistoryEntry => ({
  startedOn,
  kind,
  ...(run ? { run: { ...aRun({ startedOn, finishedOn: after(125), ...run }), tag: "t", signer: "ci" } } : {}),
  ...(of ? { update: { ...update, ...of } } : {}),
});

const shown = (entries: HistoryEntry[], more: Partial<History> = {}): string =>
  historyLines({ application: "demo", entries, flawed: [], ...more })
    .map(stripVTControlCharacters)
    .join("\n");

const back = { environment: "production", commit: "b".repeat(40), version: "0.9.0", seconds: 12 } as const;

const failedAt = (number: number, environment: "staging" | "production"): Partial<Run> => ({
  outcome: "failed",
  steps: [{ number, name: "deploy", environment, outcome: "failed", seconds: 3, reason: "app: rolled back" }],
});

test("a run is told with when, what, how long, by whom and by whose approval", () => {
  const decisions = [{ decision: "approved" as const, by: "bob@home", on: startedOn }];
  const words = shown([entry("promotion", { decisions })]).replaceAll(/ +/g, " ");
  expect(words.split("\n")).toEqual([
    "✓ 2026-01-31 12:00:00 UTC deployed demo 1.0.0 (aaaaaaaaaaaa) 2 min 5 s by ann@home, approved by bob@home",
    " Greet again",
  ]);
});

test.each<[string, Partial<Run>, string[]]>([
  [
    "a failure",
    { ...failedAt(8, "production"), wentBack: { ...back, outcome: "restored" } },
    ["✗", "failed 8/9", "app: rolled back", "production went back to demo 0.9.0 (bbbbbbbbbbbb) in 12 s"],
  ],
  [
    "one that could not go back",
    { ...failedAt(8, "production"), wentBack: { ...back, outcome: "refused", reason: "2.sql is irreversible" } },
    ["production did not go back to demo 0.9.0 (bbbbbbbbbbbb): 2.sql is irreversible"],
  ],
  [
    "what users saw",
    {
      ...failedAt(8, "production"),
      losses: [{ environment: "production", sent: 200, failed: 3, from: startedOn, to: after(2) }],
    },
    ["3 of 200 requests to production failed, within 2.0 s"],
  ],
  [
    "a rejection",
    { outcome: "rejected", decisions: [{ decision: "rejected", by: "bob@home", on: startedOn, reason: "too soon" }] },
    ["- 2026", "rejected", "rejected by bob@home: too soon"],
  ],
  [
    "a broken glass",
    { brokenGlass: { by: "ann@home", reason: "the shop is down" } },
    ["the glass broken by ann@home", "the glass was broken: the shop is down"],
  ],
  ["a rollback", { kind: "rollback", outcome: "restored", wentBack: { ...back, outcome: "restored" } }, ["went back"]],
  [
    "a rollback that did not work",
    { kind: "rollback", outcome: "failed", wentBack: { ...back, outcome: "failed", reason: "no node" } },
    ["✗", "not gone back", "no node"],
  ],
])("%s is told as what it is", (_, run, words) => {
  const text = shown([entry(run.kind === "rollback" ? "going back" : "promotion", run)]);
  for (const word of words) expect(text).toContain(word);
});

test("an environment is told what happened there, not what became of the release elsewhere", () => {
  const steps = [{ number: 4, name: "deploy", environment: "staging", outcome: "passed", seconds: 3 }] as const;
  const later = failedAt(8, "production").steps ?? [];
  const run = { outcome: "failed", steps: [...steps, ...later] } as const;
  const text = shown([entry("promotion", { ...run, steps: [...run.steps] }, {})], { environment: "staging" });
  expect(text).toMatch(/✓ .* passed .* 3\.0 s/);
  expect(text).not.toContain("rolled back");
});

test("what was done with pulumi by hand, and a run that was not concluded, are told by what Pulumi says", () => {
  const text = shown(
    [
      entry("by hand", undefined, { byHand: true, runBy: "ann@home", message: "" }),
      entry("by hand", undefined, { byHand: true, kind: "destroy", result: "failed" }),
      entry("not concluded", undefined, { result: "in-progress" }),
    ],
    { environment: "production" },
  );
  expect(text).toMatch(/✓ .* succeeded +pulumi update by hand +7\.0 s {2}by ann@home\n/);
  expect(text).toMatch(/✗ .* failed +pulumi destroy by hand/);
  expect(text).toMatch(/✗ .* in-progress +pulumi update demo aaaaaaaaaaaa/);
});

test("nothing that others wrote reaches the terminal as more than text", () => {
  const evil = "a\x1b[2J\u202ebc\r\nsecond line";
  const run: Partial<Run> = {
    subject: evil,
    version: evil,
    runBy: evil,
    outcome: "failed",
    steps: [{ number: 2, name: evil, outcome: "failed", seconds: 1, reason: evil }],
    brokenGlass: { by: evil, reason: evil },
  };
  const flawed = [{ tag: evil, flaw: evil }];
  const lines = historyLines({ application: "demo", entries: [entry("promotion", run)], flawed });
  for (const line of lines) expect(stripVTControlCharacters(line)).not.toMatch(/[\x00-\x1f\x7f\u202e]/);
  expect(lines.join("")).not.toContain("\x1b[2J");
});

test("what does not count is listed apart, the first few of it", () => {
  const flawed = Array.from({ length: 8 }, (_, n) => ({ tag: `tag-${n}`, flaw: "it is signed by a stranger" }));
  const text = shown([], { flawed });
  expect(text).toContain("Nothing of demo has run yet.");
  expect(text).toContain("tag-4: it is signed by a stranger");
  expect(text).not.toContain("tag-5");
  expect(text).toContain("and 3 more");
});

const dora = {
  since: startedOn,
  until: after(86_400 * 10),
  deployments: 4,
  deploymentFrequency: 0.4,
  changeLeadTime: { seconds: 11_100, of: 7 },
  failed: 1,
  changeFailPercentage: 25,
  failedDeploymentRecoveryTime: { seconds: 42, of: 1 },
  notRecovered: 0,
};

test("DORA's figures are told with what they are computed of", () => {
  const text = shown([], { environment: "production", dora });
  expect(text).toMatch(/deployment frequency +0\.40 a day \(4 deployments\)/);
  expect(text).toMatch(/change lead time +3 h 5 min \(median of 7 commits\)/);
  expect(text).toMatch(/change fail percentage +25 % \(1 of 4 deployments\)/);
  expect(text).toMatch(/failed deployment recovery time +42 s \(median of 1\)/);
});

test("too little is told as that, and not as zero", () => {
  const none = { deployments: 0, deploymentFrequency: null, changeLeadTime: null, failed: 0 };
  const rest = { changeFailPercentage: null, failedDeploymentRecoveryTime: null, notRecovered: 0 };
  const text = shown([], { environment: "production", dora: { ...dora, ...none, ...rest } });
  for (const words of ["so no frequency yet", "no commit came to production", "no deployment", "no deployment failed"])
    expect(text).toContain(words);
  const open = { ...dora, failedDeploymentRecoveryTime: null, notRecovered: 1 };
  expect(shown([], { environment: "production", dora: open })).toContain("1 not recovered from yet");
});
