import { deploy } from "../deploy.ts";
import { driftGate } from "../drift/gate.ts";
import { probed } from "../probed.ts";
import { provedByDeployment } from "../proof.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

export const deployProductionStep: Step = {
  ...titleOf(8),
  proves: "every task in production runs the release and is healthy",
  async run(promotion, log) {
    await driftGate("production", promotion);
    const deployed = await probed(
      "production",
      promotion,
      log,
      (onChange) => deploy("production", promotion, { log, onChange }),
      { goesOn: true },
    );
    return provedByDeployment("production", promotion, deployed);
  },
};
