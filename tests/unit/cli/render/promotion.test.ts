import { expect, test } from "vitest";

import { promotionLines, wentBackLines } from "../../../../cli/render/promotion.ts";
import type { PromotionResult } from "../../../../pipeline/promotion-result.ts";

const commit = "a".repeat(40);
const release = { application: "demo", version: "1.0.0", commit, images: {} };
const result: PromotionResult = {
  commit,
  outcome: "deployed",
  release,
  steps: [],
  addresses: ["http://127.0.0.1:8080"],
};

test("a deployed release says where it is", () => {
  expect(promotionLines(result)).toEqual([
    "",
    "demo 1.0.0 (aaaaaaaaaaaa) runs in production.",
    "  http://127.0.0.1:8080",
  ]);
});

test("a ready release ends with the command that presses the button", () => {
  const next = "npm run promote -- aaaaaaaaaaaa --continuous";
  expect(promotionLines({ ...result, outcome: "ready", next }).at(-1)).toContain(next);
});

test("a ready release says because of what it was not deployed without asking", () => {
  const lines = promotionLines({ ...result, outcome: "ready", irreversible: ["migrations/2.sql"] });
  expect(lines).toContain("  Cannot be gone back from: migrations/2.sql");
});

test("going back that was refused says why, and that nothing runs again", () => {
  const lines = wentBackLines({ release, seconds: 0, outcome: "refused", reason: "2.sql may have run" });
  expect(lines).toEqual(["  Not gone back to demo 1.0.0 (aaaaaaaaaaaa): 2.sql may have run"]);
});

test("a failure says step, environment, reason, output, log, production and next command", () => {
  const failed = {
    number: 5,
    name: "functional tests",
    environment: "staging" as const,
    outcome: "failed" as const,
    seconds: 1,
    reason: '"hello" failed',
    details: ["✗ hello", "    expected\x1b[2J 1"],
    log: "/elsewhere/5.log",
  };
  const text = promotionLines({
    ...result,
    outcome: "failed",
    steps: [failed],
    production: "untouched, not created",
    next: "Mend it",
  }).join("\n");
  expect(text).toContain("Step 5/9 functional tests in staging said no to aaaaaaaaaaaa:");
  for (const part of [
    '"hello" failed',
    "✗ hello",
    "/elsewhere/5.log",
    "Production: untouched, not created",
    "Mend it",
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain("\x1b");
});

test("a ready release says what production runs now", () => {
  const text = promotionLines({ ...result, outcome: "ready", production: "it runs demo 0.9.0 (bbbbbbbbbbbb)" }).join(
    "\n",
  );
  expect(text).toContain("it runs demo 0.9.0 (bbbbbbbbbbbb)");
});

test("what is told as the reason is not told again as a detail", () => {
  const failed = {
    number: 4,
    name: "deploy",
    outcome: "failed" as const,
    seconds: 1,
    reason: "no",
    details: ["no", "why"],
  };
  const lines = promotionLines({ ...result, outcome: "failed", steps: [failed] }).map((line) => line.trim());
  expect(lines.filter((line) => line === "no")).toHaveLength(1);
  expect(lines).toContain("why");
});

test.each([
  ["restored", { outcome: "restored" as const }, ["runs again after 12 s", "readiness tests pass"]],
  [
    "failed",
    { outcome: "failed" as const, reason: "app did not converge", details: ["task\x1b[2J gone"] },
    ["failed, too: app did not converge", "task gone", "/elsewhere/back.log"],
  ],
])("going back that was %s says so", (_, ended, parts) => {
  const text = wentBackLines({ release, seconds: 12, log: "/elsewhere/back.log", ...ended }).join("\n");
  expect(text).toContain("demo 1.0.0 (aaaaaaaaaaaa)");
  for (const part of parts) expect(text).toContain(part);
});
