import { destroy as destroyAll } from "../../pipeline/destroy.ts";
import { UsageError } from "../../pipeline/errors.ts";
import { canAsk, confirm } from "../ask.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { progressView } from "../render/progress.ts";
import { setUp } from "../set-up.ts";

async function agreed(yes: boolean, signal: AbortSignal): Promise<boolean> {
  if (yes) return true;
  if (canAsk()) return confirm("Remove every environment, with its data, and the registry?", signal);
  throw new UsageError("This removes every environment with its data, and nobody can be asked here", {
    next: "npm run promote -- destroy --yes",
  });
}

/** Removes all that was made on this machine. */
export const destroy: Command<{ yes: boolean; json?: boolean }> = async ({ yes, json }, { signal }) => {
  if (!(await agreed(yes, signal))) {
    say("Nothing was removed.");
    return exitCodes.declined;
  }
  await setUp(signal);
  const view = progressView();
  try {
    const result = await destroyAll({ signal, progress: view.progress });
    view.close();
    say(...result.leftovers.map((what) => `  removed ${what}`));
    say(
      result.stacks.length + result.leftovers.length > 0 ? "All of it is gone." : "There was nothing to remove.",
      "  Kept: .slipway/ with logs, settings of Pulumi and caches, and what set-up installed (npm run promote -- doctor).",
    );
    if (json) printJson(result);
    return exitCodes.done;
  } finally {
    view.close();
  }
};
