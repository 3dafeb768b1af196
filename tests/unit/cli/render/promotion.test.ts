import { expect, test } from "vitest";

import { promotionLines } from "../../../../cli/render/promotion.ts";
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
