import { deployProbed } from "../deploy-probed.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

export const deployProdlikeStep: Step = {
  ...titleOf(6),
  proves: "every task in prodlike runs the release and is healthy",
  run: (promotion, log) => deployProbed("prodlike", promotion, log),
};
