import { provedBySuite } from "../proof.ts";
import type { Step } from "../step.ts";
import { runSuite } from "../suite.ts";

export const proveStagingStep: Step = {
  number: 5,
  name: "functional tests",
  environment: "staging",
  claim: "functional/staging",
  proves: "the application does what it is for",
  async run(promotion, log) {
    const passed = await runSuite("functional", "staging", promotion, log);
    return provedBySuite("staging", promotion, passed);
  },
};
