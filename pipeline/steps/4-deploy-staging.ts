import { deploy } from "../deploy.ts";
import { driftGate } from "../drift/gate.ts";
import { probed } from "../probed.ts";
import { provedByDeployment } from "../proof.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

export const deployStagingStep: Step = {
  ...titleOf(4),
  proves: "every task in staging runs the release and is healthy",
  async run(promotion, log) {
    await driftGate("staging", promotion);
    const deployed = await probed("staging", promotion, log, (onChange) =>
      deploy("staging", promotion, { log, onChange }),
    );
    return provedByDeployment("staging", promotion, deployed);
  },
};
