import * as pulumi from "@pulumi/pulumi";
import { plainError } from "../infra/swarm-target.ts";
import { environments, isEnvironment } from "../settings/environment.ts";
import { application } from "./application.ts";
import { delivery } from "./delivery.ts";
import { environment } from "./environment.ts";

async function program(stack: string): Promise<Record<string, unknown>> {
  if (stack === "delivery") return delivery(stack);
  if (isEnvironment(stack)) return environment(stack);
  const [name = "", where = "", ...more] = stack.split(".");
  if (name !== "" && isEnvironment(where) && more.length === 0) return application(stack, { name, environment: where });
  const known = ["delivery", ...environments, `APPLICATION.${environments[0]}`].join(", ");
  throw new Error(`There is no program for stack "${stack}"; the stacks are ${known}, …`);
}

const outputs = (): Promise<Record<string, unknown>> =>
  program(pulumi.getStack()).catch((error: unknown) => {
    throw plainError(error);
  });

// biome-ignore lint/style/noDefaultExport: what Pulumi takes a program's outputs from
export default outputs;
