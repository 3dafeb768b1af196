import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";

import { driftLines } from "../../../../cli/render/drift.ts";
import type { Difference } from "../../../../pipeline/drift/compare.ts";
import type { EnvironmentDrift } from "../../../../pipeline/drift/drift.ts";

const lines = (one: Partial<EnvironmentDrift>): string[] =>
  driftLines([{ environment: "staging", state: "drifted", differences: [], ...one }]).map(stripVTControlCharacters);

const scaled: Difference = {
  kind: "scale",
  what: "service staging_app",
  setting: "replicas",
  expected: "2",
  found: "5",
};
const added: Difference = { kind: "added", what: "service staging_x" };
const drained: Difference = {
  kind: "node",
  what: "node staging-1",
  setting: "availability",
  expected: "active",
  found: "drain",
};

test("each difference is a line, and what to do about it the last", () => {
  expect(lines({ differences: [scaled] })).toEqual([
    "staging    drifted",
    "  service staging_app: replicas found 5, expected 2",
    "  Next: pulumi up -s staging puts it right, and so does the next deployment",
  ]);
});

test("what Pulumi does not put right is not said to be put right by it", () => {
  expect(lines({ differences: [added, drained] }).at(-1)).toBe(
    '  This is for you: docker -H "$(pulumi stack output engine -s staging)" …',
  );
  expect(lines({ differences: [scaled, added] }).slice(-2)).toEqual([
    "  Next: pulumi up -s staging puts what Pulumi made right, and so does the next deployment",
    '  The rest is for you: docker -H "$(pulumi stack output engine -s staging)" …',
  ]);
});

test("who changes an environment, and why nobody can tell, is said", () => {
  const holder = { owner: "ann@host", purpose: "promote 0123", since: new Date("2026-01-31T12:00:00Z") };
  expect(lines({ state: "changing", changedBy: holder })).toEqual([
    "staging    changing",
    "  held by ann@host for promote 0123 since 2026-01-31 12:00:00 UTC, so nobody can tell yet",
  ]);
  expect(lines({ state: "unreachable", reason: "none of its managers answers" })).toEqual([
    "staging    unreachable",
    "  none of its managers answers",
  ]);
});
