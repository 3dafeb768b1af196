import { expect, test } from "vitest";

import { isNewest, isRepeated, type Place, planFor } from "../../../../pipeline/watch/plan.ts";

const nothing = { commits: [], skipped: [], forced: false };

const cases: [fact: string, place: Place, newest: object, every: object][] = [
  ["what is done is not done again", { last: "a", head: "a", since: [] }, nothing, nothing],
  [
    "where nothing is done yet, the newest commit is the first",
    { last: undefined, head: "c", since: [] },
    { ...nothing, commits: ["c"] },
    { ...nothing, commits: ["c"] },
  ],
  [
    "of several new commits the newest comes, or each in order",
    { last: "a", head: "d", since: ["b", "c", "d"] },
    { ...nothing, commits: ["d"], skipped: ["b", "c"] },
    { ...nothing, commits: ["b", "c", "d"] },
  ],
  [
    "after a push by force the newest commit comes",
    { last: "a", head: "x", since: undefined },
    { ...nothing, commits: ["x"], forced: true },
    { ...nothing, commits: ["x"], forced: true },
  ],
];

test.each(cases)("%s", (_, place, newest, every) => {
  expect(planFor(place, false)).toEqual(newest);
  expect(planFor(place, true)).toEqual(every);
});

test.each([
  ["deployed", true],
  ["ready", true],
  ["superseded", true],
  ["failed", false],
  ["rejected", false],
] as const)("a commit that was %s is repeated after a push by force: %s", (conclusion, repeated) => {
  expect(isRepeated(conclusion, true)).toBe(repeated);
  expect(isRepeated(conclusion, false)).toBe(false);
});

test("a commit that was no good leaves an older one waiting", () => {
  expect((["ready", "deployed", "failed", "rejected", undefined] as const).map(isNewest)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
