import { expect, test } from "vitest";

import type { Difference } from "../../../../pipeline/drift/compare.ts";
import type { EnvironmentDrift } from "../../../../pipeline/drift/drift.ts";
import { DriftWatch } from "../../../../pipeline/watch/drift-watch.ts";
import type { WatchEvent } from "../../../../pipeline/watch/events.ts";

const environment = "staging";
const missing = (name: string): Difference => ({ kind: "missing", what: `service ${name}` });
const drifted = (...names: string[]): EnvironmentDrift[] => [
  { environment, state: "drifted", differences: names.map(missing) },
];
const fine: EnvironmentDrift[] = [{ environment, state: "as it should be", differences: [] }];
const changing: EnvironmentDrift[] = [{ environment, state: "changing", differences: [] }];
const unreachable: EnvironmentDrift[] = [{ environment, state: "unreachable", differences: [], reason: "down" }];

/** What is told of these answers, one after another. */
async function told(...answers: (EnvironmentDrift[] | Error)[]): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  const watch = new DriftWatch({
    interval: 60,
    signal: new AbortController().signal,
    tell: (event) => events.push(event),
    compare: async () => {
      const answer = answers.shift() ?? fine;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  for (let at = 0, count = answers.length; at < count; at++) await watch.look(at * 60_000);
  return events;
}

const drift = (...names: string[]) => ({
  type: "drift",
  environment,
  differences: names.map((name) => `service ${name} is not there`),
});
const gone = { type: "drift-gone", environment };

test.each([
  ["nothing where nothing differs", [fine, fine], []],
  ["once while it lasts, and once when it is gone", [drifted("a"), drifted("a"), fine, fine], [drift("a"), gone]],
  ["what is new alone", [drifted("a"), drifted("a", "b")], [drift("a"), drift("b")]],
  ["what comes again", [drifted("a"), fine, drifted("a")], [drift("a"), gone, drift("a")]],
  ["nothing of what somebody changes just now", [drifted("a"), changing, drifted("a")], [drift("a")]],
  [
    "once that nobody can tell, and nothing again afterwards",
    [drifted("a"), unreachable, unreachable, drifted("a")],
    [drift("a"), { type: "drift-unknown", environment, reason: "down" }],
  ],
  [
    "a failure once, and that it went on",
    [new Error("no passphrase"), new Error("no passphrase"), drifted("a")],
    [{ type: "drift-unknown", reason: "no passphrase" }, drift("a")],
  ],
])("told is %s", async (_, answers, expected) => {
  expect(await told(...answers)).toEqual(expected);
});

test("it compares no more often than it is to", async () => {
  let looks = 0;
  const watch = new DriftWatch({
    interval: 60,
    signal: new AbortController().signal,
    tell: () => {},
    compare: async () => {
      looks++;
      return fine;
    },
  });
  for (const at of [0, 1_000, 59_000, 60_000, 61_000]) await watch.look(at);
  expect(looks).toBe(2);
});
