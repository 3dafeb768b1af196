import { provedBySuite } from "../proof.ts";
import type { Step } from "../step.ts";
import { runSuite } from "../suite.ts";
import { titleOf } from "./titles.ts";

export const proveStagingStep: Step = {
  ...titleOf(5),
  proves: "the application does what it is for",
  async run(promotion, log) {
    const passed = await runSuite("functional", "staging", promotion, log);
    return provedBySuite("staging", promotion, passed);
  },
};
