import { expect, test } from "vitest";

import { duration } from "../../../../pipeline/duration.ts";
import { stepTitle } from "../../../../pipeline/events.ts";
import { steps } from "../../../../pipeline/steps/index.ts";

test("a step's title names its environment once", () => {
  expect(steps.map(stepTitle)).toEqual([
    "1/9 check out the commit",
    "2/9 unit tests",
    "3/9 build the images",
    "4/9 deploy to staging",
    "5/9 functional tests in staging",
    "6/9 deploy to prodlike",
    "7/9 production readiness tests in prodlike",
    "8/9 deploy to production",
    "9/9 production readiness tests in production",
  ]);
});

test.each([
  [0.44, "0.4 s"],
  [12.4, "12 s"],
  [125, "2 min 5 s"],
])("%d seconds are read as %s", (seconds, expected) => {
  expect(duration(seconds)).toBe(expected);
});
