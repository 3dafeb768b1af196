import { status as readStatus } from "../../pipeline/status.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines } from "../output.ts";
import { statusLines } from "../render/status.ts";
import { setUp } from "../set-up.ts";

/** Shows what every environment runs. */
export const status: Command<{ json?: boolean }> = async ({ json }, { signal }) => {
  await setUp(signal);
  const environments = await readStatus();
  if (json) printJson({ environments });
  else printLines(...statusLines(environments));
  return exitCodes.done;
};
