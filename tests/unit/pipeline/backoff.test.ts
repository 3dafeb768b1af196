import { expect, test } from "vitest";

import { Backoff } from "../../../pipeline/backoff.ts";

test("pauses double up to the longest, and begin anew after a success", () => {
  const backoff = new Backoff(10, 35);
  expect([backoff.failed(0), backoff.failed(0), backoff.failed(0), backoff.failed(0)]).toEqual([10, 20, 35, 35]);
  backoff.succeeded();
  expect([backoff.failures, backoff.failed(0)]).toEqual([0, 10]);
});

test("nothing is due before its pause is over", () => {
  const backoff = new Backoff(10, 1_000);
  expect(backoff.isDue(0)).toBe(true);
  backoff.failed(100);
  expect([backoff.isDue(109), backoff.isDue(110)]).toEqual([false, true]);
});

test("a first pause that is longer than the longest is kept", () => {
  const backoff = new Backoff(50, 20);
  expect([backoff.failed(), backoff.failed()]).toEqual([50, 50]);
});
