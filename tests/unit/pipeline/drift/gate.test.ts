import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Difference } from "../../../../pipeline/drift/compare.ts";
import { driftGate } from "../../../../pipeline/drift/gate.ts";
import { StepFailure } from "../../../../pipeline/errors.ts";
import type { Promotion } from "../../../../pipeline/promotion.ts";
import { projectRoot } from "../../../../settings/project.ts";

const differencesIn = vi.hoisted(() => vi.fn<() => Promise<Difference[] | undefined>>());
vi.mock("../../../../pipeline/drift/drift.ts", () => ({ differencesIn }));
const stackHistory = vi.hoisted(() => vi.fn());
vi.mock("../../../../pipeline/stack-history.ts", () => ({ stackHistory }));

const scaled: Difference = {
  kind: "scale",
  what: "service production_app",
  setting: "replicas",
  expected: "3",
  found: "5",
};
const added: Difference = { kind: "added", what: "service production_debug" };
const rolledBack: Difference = { ...scaled, rolledBack: true };

let checkout: string;
let notes: string[];

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), "slipway-gate-"));
  for (const file of ["Pulumi.yaml", ...["staging", "prodlike", "production"].map((name) => `Pulumi.${name}.yaml`)]) {
    await cp(join(projectRoot, file), join(checkout, file));
  }
  notes = [];
});
afterEach(() => rm(checkout, { recursive: true, force: true }));

const stopping = () =>
  writeFile(
    join(checkout, "Pulumi.production.yaml"),
    "config:\n  slipway:drift: stop\n  slipway:port: 8080\n  slipway:tlsPort: 8443\n  slipway:subnet: 10.213.3.0/24\n",
  );

const before = { application: "demo", version: "1", commit: "a".repeat(40), images: {} };

function promotion(more: Partial<Promotion> = {}): Promotion {
  const progress: Promotion["progress"] = (event) => void (event.type === "note" && notes.push(event.text));
  return {
    checkout,
    signal: new AbortController().signal,
    progress,
    before: { production: before },
    ...more,
  } as Promotion;
}

test("by default drift is told and stops nothing", async () => {
  differencesIn.mockResolvedValue([scaled, added]);
  const own = promotion();
  await driftGate("production", own);
  expect(notes).toEqual([
    "Drift in production: service production_app: replicas found 5, expected 3",
    "Drift in production, which stays: service production_debug is there, and Pulumi did not make it",
  ]);
  expect(own.before.production).toBe(before);
});

test("of much, the first ten and how many more there are", async () => {
  differencesIn.mockResolvedValue(Array.from({ length: 13 }, () => scaled));
  await driftGate("production", promotion());
  expect(notes).toHaveLength(11);
  expect(notes.at(-1)).toBe("… and 3 more: npm run promote -- drift production");
});

test("who was shown production's diff is not told once more; of staging they were shown nothing", async () => {
  differencesIn.mockResolvedValue([scaled]);
  await driftGate("production", promotion({ shown: true }));
  expect(notes).toEqual([]);
  await driftGate("staging", promotion({ shown: true }));
  expect(notes).toHaveLength(1);
});

test("where the setting is stop, the step says no, with what it is and what to type, and nothing is gone back from", async () => {
  await stopping();
  differencesIn.mockResolvedValue([scaled]);
  const own = promotion({ shown: true });
  const failure = await driftGate("production", own).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StepFailure);
  expect(failure).toMatchObject({
    message: "production is not as Pulumi says, and its setting slipway:drift is stop",
    details: ["service production_app: replicas found 5, expected 3"],
    next: "npm run promote -- drift production",
  });
  expect(own.before.production).toBeUndefined();
});

test.each([
  ["there is none", [], {}, "succeeded"],
  ["the glass is broken", [scaled], { glassBroken: true }, "succeeded"],
  ["Swarm itself went back from what Pulumi could not deploy", [rolledBack], {}, "failed"],
])("though the setting is stop, it goes on where %s", async (_, differences, more, result) => {
  await stopping();
  stackHistory.mockResolvedValue([{ result }]);
  differencesIn.mockResolvedValue(differences);
  await driftGate("production", promotion(more));
  expect(notes).toHaveLength(differences.length);
});

test("what somebody had Swarm roll back is done by hand", async () => {
  await stopping();
  stackHistory.mockResolvedValue([{ result: "succeeded" }]);
  differencesIn.mockResolvedValue([rolledBack]);
  await expect(driftGate("production", promotion())).rejects.toThrow(StepFailure);
});

test("where all is as Pulumi says, it need not look again; where there is a difference or nobody answers, it must", async () => {
  for (const [found, known] of [
    [[], true],
    [[scaled], false],
    [undefined, false],
  ] as const) {
    differencesIn.mockResolvedValue(found && [...found]);
    expect(await driftGate("staging", promotion())).toBe(known);
  }
  differencesIn.mockResolvedValue([]);
  expect(await driftGate("production", promotion({ shown: true }))).toBe(false);
});
