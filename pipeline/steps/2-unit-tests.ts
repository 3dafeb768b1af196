import { needed } from "../promotion.ts";
import type { Step } from "../step.ts";
import { runUnitTests } from "../unit-tests.ts";

export const unitTestsStep: Step = {
  number: 2,
  name: "unit tests",
  proves: "the application's own tests pass on a clean checkout",
  run: (promotion, log) =>
    runUnitTests(needed(promotion, "delivery"), log, promotion.signal, (text) =>
      promotion.progress({ type: "detail", text }),
    ),
};
