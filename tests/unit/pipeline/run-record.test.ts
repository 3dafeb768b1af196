import { expect, test } from "vitest";

import { readRun, writeRun } from "../../../evidence/run.ts";
import type { StepResult } from "../../../pipeline/events.ts";
import { keptStep } from "../../../pipeline/run-record.ts";
import { logTitle } from "../../../swarm/rollouts.ts";
import { aRun } from "../evidence/a-run.ts";

const failed = (more: Partial<StepResult> = {}): StepResult => ({
  number: 4,
  name: "deploy to staging",
  environment: "staging",
  outcome: "failed",
  startedOn: new Date("2026-01-31T12:00:00.000Z"),
  seconds: 3,
  reason: "staging_app: Swarm rolled the update back",
  ...more,
});

test("why a step said no is kept, without what the application printed", () => {
  const details = ["  task 0123 on staging-1: failed (exit code 1)", logTitle, "    password: hunter2"];
  expect(keptStep(failed({ details }))).toMatchObject({
    reason: "staging_app: Swarm rolled the update back",
    details: ["task 0123 on staging-1: failed (exit code 1)"],
  });
  for (const number of [2, 3]) expect(keptStep(failed({ number, details }))).not.toHaveProperty("details");
});

test("what is kept of it is bounded, on one line each, safe to show, and without a password in a URL", () => {
  const step = keptStep(
    failed({
      reason: `\x1b[2J${"x".repeat(10_000)}`,
      details: ["postgres://ann:hunter2@db:5432/x refused", "a\nb", ...Array<string>(1_000).fill("y".repeat(1_000))],
    }),
  );
  expect(step.details?.slice(0, 2)).toEqual(["postgres://…@db:5432/x refused", "a b"]);
  expect(JSON.stringify(step).length).toBeLessThan(2_500);
  expect(JSON.stringify(step)).not.toContain("\\u001b");
  // So it is one that can be read again.
  expect(readRun(writeRun(aRun({ steps: [step] }))).steps).toEqual([step]);
});
