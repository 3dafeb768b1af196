import { exportLines, shellEnvironment } from "../../pipeline/shell-environment.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../output.ts";
import { setUp } from "../set-up.ts";

/** Prints the variables with which `pulumi` by hand works on this project. */
export const env: Command<{ json?: boolean }> = async ({ json }, { signal }) => {
  await setUp(signal);
  const variables = await shellEnvironment(signal);
  if (json) printJson(variables);
  else process.stdout.write(`${exportLines(variables).join("\n")}\n`);
  return exitCodes.done;
};
