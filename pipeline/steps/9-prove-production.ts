import { probed } from "../probed.ts";
import { provedBySuite } from "../proof.ts";
import type { Step } from "../step.ts";
import { runSuite } from "../suite.ts";
import { titleOf } from "./titles.ts";

export const proveProductionStep: Step = {
  ...titleOf(9),
  proves: "production bears the release; these tests do no harm, and nobody who uses it notices them",
  async run(promotion, log) {
    const passed = await probed("production", promotion, log, (begin) => {
      begin();
      return runSuite("readiness", "production", promotion, log);
    });
    return provedBySuite("production", promotion, passed);
  },
};
