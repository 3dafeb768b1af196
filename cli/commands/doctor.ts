import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";

/** Says what is present and what is missing. */
export const doctor: Command<{ json?: boolean }> = async ({ json }) => {
  const { doctor: examine } = await import("../../setup/ensure.ts");
  const found = await examine();
  if (json) printJson(found);
  else say(JSON.stringify(found));
  return exitCodes.done;
};
