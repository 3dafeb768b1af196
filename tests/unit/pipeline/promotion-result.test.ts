import { expect, test } from "vitest";

import { productionSentence } from "../../../pipeline/promotion-result.ts";
import type { EnvironmentStatus } from "../../../pipeline/status.ts";

const commit = "4c2274d35d8d".padEnd(40, "0");
const release = { application: "demo", version: "1.0.0", commit, images: {} };
const running = (state: EnvironmentStatus["state"], reasons: string[] = []): EnvironmentStatus => ({
  environment: "production",
  state,
  release,
  addresses: [],
  services: [],
  reasons,
});
const { release: _, ...notCreated } = running("not created");

test.each<[EnvironmentStatus | undefined, number | undefined, string]>([
  [running("healthy"), undefined, "it runs demo 1.0.0 (4c2274d35d8d)"],
  [running("healthy"), 7, "untouched, it runs demo 1.0.0 (4c2274d35d8d)"],
  [running("degraded", ["one", "two"]), 9, "it runs demo 1.0.0 (4c2274d35d8d); degraded: one"],
  [notCreated, 7, "untouched, not created"],
  [notCreated, 8, "not finished; it ran no release before that it could go back to"],
  [notCreated, undefined, "not created"],
  [undefined, 8, "its state is not known"],
])("production, %j after step %s, is told as %s", (status, failed, sentence) => {
  expect(productionSentence(status, failed)).toBe(sentence);
});
