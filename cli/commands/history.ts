import { history as readHistory } from "../../pipeline/history.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines } from "../output.ts";
import { historyLines } from "../render/history.ts";
import { setUp } from "../set-up.ts";

export interface HistoryCommandOptions {
  environment?: EnvironmentName;
  limit: number;
  days: number;
  json?: boolean;
}

/** Shows what ran when, by whom and how it ended. */
export const history: Command<HistoryCommandOptions> = async ({ json, ...options }, { signal }) => {
  await setUp(signal);
  const found = await readHistory({ ...options, signal });
  if (json) printJson(found);
  else printLines(...historyLines(found));
  return exitCodes.done;
};
