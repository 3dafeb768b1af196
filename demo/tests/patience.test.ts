import { expect, test } from "vitest";

import { patiently } from "../src/patience.ts";

const absent = new Error("not there");
const refused = new Error("refused");

/** What is not there for so many questions, and how often it was asked. */
function away(questions: number, limit = 5_000) {
  const seen = { asked: 0 };
  const ask = async () => {
    if (seen.asked++ < questions) throw absent;
  };
  return { seen, patient: patiently({ ask, isAbsent: (error) => error === absent, limit, pause: 1 }) };
}

/** Fails like this the first time. */
const failsOnce = (error: Error) => {
  let done = 0;
  return async () => {
    if (done++ === 0) throw error;
    return "done";
  };
};

test("what works is done once, and nothing is asked", async () => {
  const { patient, seen } = away(0);
  await expect(patient(async () => "done")).resolves.toBe("done");
  expect(seen.asked).toBe(0);
});

test("what was not there is waited for, by one question for all", async () => {
  const { patient, seen } = away(3);
  const all = Array.from({ length: 50 }, () => patient(failsOnce(absent)));
  await expect(Promise.all(all)).resolves.toEqual(Array(50).fill("done"));
  expect(seen.asked).toBe(4);
  await expect(patient(failsOnce(absent))).resolves.toBe("done");
  expect(seen.asked).toBe(5);
});

test("a refusal is not waited for", async () => {
  const { patient, seen } = away(0);
  await expect(patient(failsOnce(refused))).rejects.toBe(refused);
  expect(seen.asked).toBe(0);
});

test("what does not come back within the limit is given up", async () => {
  const { patient } = away(Number.POSITIVE_INFINITY, 20);
  await expect(patient(failsOnce(absent))).rejects.toBe(absent);
});
