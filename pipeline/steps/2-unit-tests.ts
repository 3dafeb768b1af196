import { needed } from "../promotion.ts";
import { provedByUnitTests } from "../proof.ts";
import type { Step } from "../step.ts";
import { runUnitTests } from "../unit-tests.ts";
import { titleOf } from "./titles.ts";

export const unitTestsStep: Step = {
  ...titleOf(2),
  proves: "the application's own tests pass on a clean checkout",
  async run(promotion, log) {
    const detail = (text: string): void => promotion.progress({ type: "detail", text });
    await runUnitTests(needed(promotion, "delivery"), log, promotion.signal, detail);
    return provedByUnitTests(promotion);
  },
};
