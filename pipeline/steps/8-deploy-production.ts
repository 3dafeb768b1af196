import { deploy } from "../deploy.ts";
import type { Step } from "../step.ts";

export const deployProductionStep: Step = {
  number: 8,
  name: "deploy to production",
  environment: "production",
  proves: "every task in production runs the release and is healthy",
  run: (promotion, log) => deploy("production", promotion, log),
};
