import { UsageError } from "../../pipeline/errors.ts";
import { prune as removeOld } from "../../pipeline/prune.ts";
import type { PrunePlan } from "../../pipeline/prune-plan.ts";
import { canAsk, confirm } from "../ask.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { progressView } from "../render/progress.ts";
import { planLines, prunedLines } from "../render/prune.ts";
import { setUp } from "../set-up.ts";

export interface PruneCommandOptions {
  dryRun: boolean;
  yes: boolean;
  json?: boolean;
}

/** Removes old releases that nothing needs, after showing which. */
export const prune: Command<PruneCommandOptions> = async ({ dryRun, yes, json }, { signal }) => {
  if (!dryRun && !yes && !canAsk()) {
    throw new UsageError("This removes releases for good, and nobody can be asked here", {
      next: "npm run promote -- prune --dry-run (shows which), then npm run promote -- prune --yes",
    });
  }
  await setUp(signal);
  let view = progressView();
  let plan: PrunePlan | undefined;
  const agree = async (shown: PrunePlan): Promise<boolean> => {
    plan = shown;
    view.close();
    say(...planLines(shown));
    if (dryRun) return false;
    // Without releases that go, there may be space to free all the same, which an earlier prune did not come to.
    const agreed = yes || shown.goes.length === 0 || (await confirm("Remove these releases for good?", signal));
    view = progressView();
    return agreed;
  };
  try {
    const result = await removeOld({ signal, progress: (event) => view.progress(event), agree });
    view.close();
    if (json) printJson({ ...plan, ...result });
    say(...(result ? prunedLines(result) : ["Nothing was removed."]));
    return result || dryRun ? exitCodes.done : exitCodes.declined;
  } finally {
    view.close();
  }
};
