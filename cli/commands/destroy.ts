import { destroy as destroyAll, destroyApplication } from "../../pipeline/destroy.ts";
import { UsageError } from "../../pipeline/errors.ts";
import { ownStacksOf } from "../../settings/delivered.ts";
import { canAsk, confirm } from "../ask.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { progressView } from "../render/progress.ts";
import { setUp } from "../set-up.ts";

async function agreed(yes: boolean, question: string, signal: AbortSignal): Promise<boolean> {
  if (yes) return true;
  if (canAsk()) return confirm(question, signal);
  throw new UsageError("This removes environments or what they run, and nobody can be asked here", {
    next: "the same command with --yes",
  });
}

export interface DestroyCommandOptions {
  yes: boolean;
  source?: string;
  json?: boolean;
}

/** Removes one application from its environments. */
async function destroyOne(application: string, { yes, json }: DestroyCommandOptions, signal: AbortSignal) {
  const what = `${application} from every environment`;
  if (!(await agreed(yes, `Remove ${what}?`, signal))) return declined();
  await setUp(signal);
  const view = progressView();
  try {
    const stacks = await destroyApplication({ signal, progress: view.progress });
    view.close();
    say(stacks.length > 0 ? `${application} is gone.` : "There was nothing to remove.");
    say("  Kept: the environments, and what the registry has of its releases.");
    if (json) printJson({ stacks, leftovers: [] });
    return exitCodes.done;
  } finally {
    view.close();
  }
}

function declined(): number {
  say("Nothing was removed.");
  return exitCodes.declined;
}

/** Removes all that was made on this machine, or one application. */
export const destroy: Command<DestroyCommandOptions> = async (options, { signal }) => {
  const { yes, json } = options;
  const application = ownStacksOf();
  if (application !== undefined) return destroyOne(application, options, signal);
  if (options.source !== undefined) {
    throw new UsageError("This application is a part of its environments, and is not removed without them", {
      next: "npm run promote -- destroy (removes all there is)",
    });
  }
  if (!(await agreed(yes, "Remove every environment, with its data, and the registry?", signal))) return declined();
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
