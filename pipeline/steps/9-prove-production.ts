import { probed } from "../probed.ts";
import { provedBySuite } from "../proof.ts";
import type { Step } from "../step.ts";
import { runSuite } from "../suite.ts";

export const proveProductionStep: Step = {
  number: 9,
  name: "production readiness tests",
  environment: "production",
  claim: "readiness/production",
  proves: "production bears the release; these tests do no harm, and nobody who uses it notices them",
  async run(promotion, log) {
    const passed = await probed("production", promotion, log, (begin) => {
      begin();
      return runSuite("readiness", "production", promotion, log);
    });
    return provedBySuite("production", promotion, passed);
  },
};
