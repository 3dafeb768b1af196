import { expect, test } from "vitest";

import { claims, decided } from "../../../evidence/claims.ts";
import { type Known, provedBefore } from "../../../pipeline/known.ts";
import type { Promotion } from "../../../pipeline/promotion.ts";
import type { Step } from "../../../pipeline/step.ts";
import { steps } from "../../../pipeline/steps/index.ts";

const step = (number: number): Step => steps[number - 1] as Step;

const promotion = (proved: readonly string[] | undefined, skipped: number[] = []): Promotion => {
  const own = claims.filter((claim) => proved?.includes(claim));
  const known: Known | undefined = proved && new Map(own.map((claim) => [claim, { digest: claim, claim }]));
  return { known, skipped: new Set(skipped), signal: new AbortController().signal } as unknown as Promotion;
};

test("every step but the first says what its evidence is of, as the list of claims has it", () => {
  const earned = claims.filter((claim) => !decided.includes(claim));
  expect(steps.map(({ claim }) => claim)).toEqual([undefined, ...earned]);
});

test("nothing is skipped where nothing is known", async () => {
  for (const one of steps) expect(await provedBefore(one, promotion(undefined))).toBeUndefined();
});

test("checking out is always done", async () => {
  expect(await provedBefore(step(1), promotion(claims))).toBeUndefined();
});

test("unit tests and images are skipped by their evidence alone", async () => {
  expect(await provedBefore(step(2), promotion(["unit-tests"]))).toMatchObject({ digest: "unit-tests" });
  expect(await provedBefore(step(3), promotion(["unit-tests"]))).toBeUndefined();
});

test.each([
  [4, "deploy/staging", "functional/staging"],
  [6, "deploy/prodlike", "readiness/prodlike"],
])("step %d is skipped with the tests that it serves, whatever runs there now", async (number, deployment, suite) => {
  expect(await provedBefore(step(number), promotion([deployment, suite]))).toMatchObject({ digest: deployment });
  expect(await provedBefore(step(number), promotion([suite]))).toBeUndefined();
});

test.each([
  [5, "functional/staging"],
  [7, "readiness/prodlike"],
  [9, "readiness/production"],
])("the tests of step %d are done again after a deployment that was done again", async (number, suite) => {
  expect(await provedBefore(step(number), promotion([suite]))).toBeUndefined();
  expect(await provedBefore(step(number), promotion([suite], [number - 1]))).toMatchObject({ digest: suite });
});
