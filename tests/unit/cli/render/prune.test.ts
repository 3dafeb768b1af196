import { expect, test } from "vitest";

import { planLines, prunedLines, size } from "../../../../cli/render/prune.ts";
import type { StoredRelease } from "../../../../pipeline/retention.ts";

const release = (name: string): StoredRelease => ({
  application: "demo",
  commit: name.repeat(40),
  images: [],
  builtOn: new Date("2026-01-31T12:00:00Z"),
});

const plan = {
  registry: "127.0.0.1:5000",
  policy: { keepReleases: 50, keepDays: 30 },
  goes: [release("a")],
  stays: [{ ...release("b"), reasons: ["production runs it", "in use by \x1b[31mann"] }],
  orphans: [],
  tags: new Map(),
};

test("what goes and what stays is told with when it was built and why, and nothing of it can move a cursor", () => {
  const lines = planLines(plan).join("\n");
  expect(lines).toContain("1 release would go, 1 release stays:");
  expect(lines).toMatch(/keep +demo bbbbbbbbbbbb +built 2026-01-31 12:00:00 UTC +production runs it; in use by ann/);
  expect(lines).toMatch(/remove +demo aaaaaaaaaaaa/);
  expect(lines).toContain("slipway:keepReleases is 50 and slipway:keepDays 30");
  expect(planLines({ ...plan, goes: [] })[0]).toContain("No release would go");
});

test("what was freed is told as it was measured; of a registry of somebody else's, that this is its own job", () => {
  const result = { removed: plan.goes, spared: [], local: ["x"] };
  const own = prunedLines({ ...result, space: { before: 50 * 1024 ** 2, after: 20.5 * 1024 ** 2 } }).join("\n");
  expect(own).toContain("Removed 1 release.");
  expect(own).toContain("50.0 MiB → 20.5 MiB, 29.5 MiB freed");
  expect(own).toContain("Removed 1 image from this machine's engine");
  expect(prunedLines(result).join("\n")).toContain("its own job");
  expect(prunedLines({ ...result, spared: [release("c")] }).join("\n")).toContain("cccccccccccc stays");
});

test.each([
  [0, "0 bytes"],
  [1_023, "1023 bytes"],
  [1_024, "1.00 KiB"],
  [1_048_576, "1.00 MiB"],
  [123_456_789, "118 MiB"],
  [5e12, "4.55 TiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
