import { deployProbed } from "../deploy-probed.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

export const deployStagingStep: Step = {
  ...titleOf(4),
  proves: "every task in staging runs the release and is healthy",
  run: (promotion, log) => deployProbed("staging", promotion, log),
};
