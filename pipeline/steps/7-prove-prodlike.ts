import { provedBySuite } from "../proof.ts";
import type { Step } from "../step.ts";
import { runSuite } from "../suite.ts";

export const proveProdlikeStep: Step = {
  number: 7,
  name: "production readiness tests",
  environment: "prodlike",
  claim: "readiness/prodlike",
  proves: "the release would bear production, harsh treatment included",
  async run(promotion, log) {
    const passed = await runSuite("readiness", "prodlike", promotion, log);
    return provedBySuite("prodlike", promotion, passed);
  },
};
