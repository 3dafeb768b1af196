import type { Step } from "../step.ts";
import { checkOutStep } from "./1-check-out.ts";
import { unitTestsStep } from "./2-unit-tests.ts";
import { buildImagesStep } from "./3-build-images.ts";
import { deployStagingStep } from "./4-deploy-staging.ts";
import { proveStagingStep } from "./5-prove-staging.ts";
import { deployProdlikeStep } from "./6-deploy-prodlike.ts";
import { proveProdlikeStep } from "./7-prove-prodlike.ts";
import { deployProductionStep } from "./8-deploy-production.ts";
import { proveProductionStep } from "./9-prove-production.ts";

/** The nine steps, in order. */
export const steps: readonly Step[] = [
  checkOutStep,
  unitTestsStep,
  buildImagesStep,
  deployStagingStep,
  proveStagingStep,
  deployProdlikeStep,
  proveProdlikeStep,
  deployProductionStep,
  proveProductionStep,
];
