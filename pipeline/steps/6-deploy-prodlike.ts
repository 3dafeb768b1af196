import { deploy } from "../deploy.ts";
import { driftGate } from "../drift/gate.ts";
import { probed } from "../probed.ts";
import { provedByDeployment } from "../proof.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

export const deployProdlikeStep: Step = {
  ...titleOf(6),
  proves: "every task in prodlike runs the release and is healthy",
  async run(promotion, log) {
    await driftGate("prodlike", promotion);
    const deployed = await probed("prodlike", promotion, log, (onChange) =>
      deploy("prodlike", promotion, { log, onChange }),
    );
    return provedByDeployment("prodlike", promotion, deployed);
  },
};
