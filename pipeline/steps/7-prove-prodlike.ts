import { provedBySuite } from "../proof.ts";
import type { Step } from "../step.ts";
import { runSuite } from "../suite.ts";
import { titleOf } from "./titles.ts";

export const proveProdlikeStep: Step = {
  ...titleOf(7),
  proves: "the release would bear production, harsh treatment included",
  async run(promotion, log) {
    const passed = await runSuite("readiness", "prodlike", promotion, log);
    return provedBySuite("prodlike", promotion, passed);
  },
};
