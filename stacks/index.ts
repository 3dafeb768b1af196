import * as pulumi from "@pulumi/pulumi";
import { plainError } from "../infra/swarm-target.ts";
import { environments, isEnvironment } from "../settings/environment.ts";
import { delivery } from "./delivery.ts";
import { environment } from "./environment.ts";

async function program(stack: string): Promise<Record<string, unknown>> {
  if (stack === "delivery") return delivery(stack);
  if (isEnvironment(stack)) return environment(stack);
  throw new Error(
    `There is no program for stack "${stack}"; the stacks are ${["delivery", ...environments].join(", ")}`,
  );
}

const outputs = (): Promise<Record<string, unknown>> =>
  program(pulumi.getStack()).catch((error: unknown) => {
    throw plainError(error);
  });

// biome-ignore lint/style/noDefaultExport: what Pulumi takes a program's outputs from
export default outputs;
