import { deployProbed } from "../deploy-probed.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

export const deployProductionStep: Step = {
  ...titleOf(8),
  proves: "every task in production runs the release and is healthy",
  run: (promotion, log) => deployProbed("production", promotion, log, { goesOn: true }),
};
