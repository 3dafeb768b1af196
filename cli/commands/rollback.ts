import { hashOf } from "../../pipeline/approval.ts";
import type { EnvironmentDiff } from "../../pipeline/diff.ts";
import { UsageError } from "../../pipeline/errors.ts";
import { assertPossible } from "../../pipeline/preflight.ts";
import { rollback as rollBack } from "../../pipeline/rollback.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import { canAsk, confirm } from "../ask.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { diffLines } from "../render/diff.ts";
import { progressView } from "../render/progress.ts";
import { wentBackLines } from "../render/promotion.ts";
import { setUp } from "../set-up.ts";

export interface RollbackCommandOptions {
  environment: EnvironmentName;
  commit?: string;
  yes: boolean;
  /** The SHA-256 of the only change that is agreed to. */
  diff?: string;
  json?: boolean;
}

/** Makes sure that what would change is what somebody was shown elsewhere. */
function assertShown(diff: EnvironmentDiff, shown: string | undefined): void {
  if (shown === undefined || hashOf(diff) === shown) return;
  throw new UsageError(`What would change in ${diff.environment} is not what was shown; nothing was changed`, {
    next: "look at it again",
  });
}

/** Takes an environment back to an earlier release, after showing what would change. */
export const rollback: Command<RollbackCommandOptions> = async (options, { signal }) => {
  const { environment, commit, yes, json, diff: shown } = options;
  if (!yes && !canAsk()) {
    throw new UsageError(`This changes ${environment}, and nobody can be asked here`, {
      next: `npm run promote -- rollback ${[environment, ...(commit ? [commit] : [])].join(" ")} --yes`,
    });
  }
  await assertPossible(commit ?? "HEAD");
  await setUp(signal);
  let view = progressView();
  const agree = async (diff: EnvironmentDiff): Promise<boolean> => {
    view.close();
    say("", ...diffLines(diff), "");
    assertShown(diff, shown);
    const agreed = yes || (await confirm(`Take ${environment} back to this?`, signal));
    view = progressView();
    return agreed;
  };
  try {
    const result = await rollBack({ environment, commit, signal, progress: (event) => view.progress(event), agree });
    view.close();
    if (json) printJson(result ?? null);
    if (!result) {
      say("Nothing was changed.");
      return exitCodes.declined;
    }
    say(...wentBackLines(result));
    return result.outcome === "restored" ? exitCodes.done : exitCodes.notRestored;
  } finally {
    view.close();
  }
};
