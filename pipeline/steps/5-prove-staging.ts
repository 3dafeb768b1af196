import type { Step } from "../step.ts";
import { runSuite } from "../suite.ts";

export const proveStagingStep: Step = {
  number: 5,
  name: "functional tests",
  environment: "staging",
  proves: "the application does what it is for",
  run: (promotion, log) => runSuite("functional", "staging", promotion, log),
};
