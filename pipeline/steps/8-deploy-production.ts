import { deploy } from "../deploy.ts";
import { probed } from "../probed.ts";
import type { Step } from "../step.ts";

export const deployProductionStep: Step = {
  number: 8,
  name: "deploy to production",
  environment: "production",
  proves: "every task in production runs the release and is healthy",
  run: (promotion, log) =>
    probed("production", promotion, log, (onChange) => deploy("production", promotion, { log, onChange }), {
      goesOn: true,
    }),
};
