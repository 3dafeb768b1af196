import type { EnvironmentDiff } from "../../pipeline/diff.ts";
import { UsageError } from "../../pipeline/errors.ts";
import { assertPossible } from "../../pipeline/preflight.ts";
import { promote } from "../../pipeline/promote.ts";
import type { PromotionResult } from "../../pipeline/promotion-result.ts";
import { canAsk, confirm } from "../ask.ts";
import { reported } from "../commit-status.ts";
import type { Command } from "../context.ts";
import { exitCodes, stepFailed } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { diffLines } from "../render/diff.ts";
import { progressView } from "../render/progress.ts";
import { promotionLines } from "../render/promotion.ts";
import { setUp } from "../set-up.ts";

export interface DeliverOptions {
  commit: string;
  continuous: boolean;
  irreversible: boolean;
  again: boolean;
  breakGlass?: string;
  override?: string;
  description?: string;
  statusFile?: string;
  json?: boolean;
}

function exitCodeOf({ outcome, steps }: PromotionResult): number {
  const failed = steps.find((step) => step.outcome === "failed");
  if (failed) return stepFailed(failed.number);
  if (outcome === "superseded") return exitCodes.superseded;
  return outcome === "declined" || outcome === "rejected" ? exitCodes.declined : exitCodes.done;
}

/** `npm run promote --continuous` gives the option to npm, which says little about it; the run would end at the button. */
function assertNotTakenByNpm({ continuous }: DeliverOptions): void {
  if (continuous || process.env.npm_config_continuous === undefined) return;
  throw new UsageError("npm took --continuous for one of its own options", {
    next: "npm run promote -- --continuous",
  });
}

/** Breaking the glass and deploying in a freeze are somebody's deed, and for a reason. */
function assertMeant({ breakGlass, override, continuous }: DeliverOptions): void {
  if (override?.trim() === "")
    throw new UsageError("--override wants a reason, which is kept with the release for good");
  if (breakGlass === undefined) return;
  if (breakGlass.trim() === "") throw new UsageError("--break-glass wants a reason, which is kept and shown for good");
  if (continuous || canAsk()) return;
  throw new UsageError("--break-glass wants somebody who presses the button, and nobody can be asked here", {
    next: 'npm run promote -- COMMIT --break-glass "…" --continuous',
  });
}

/** Delivers a commit, showing how it goes and asking before production. */
export const deliver: Command<DeliverOptions> = async ({ json, statusFile, ...options }, { signal }) => {
  assertNotTakenByNpm(options);
  assertMeant(options);
  await assertPossible(options.commit);
  await setUp(signal);
  let view = progressView();
  const press = async (diff: EnvironmentDiff): Promise<boolean> => {
    view.close();
    say("", ...diffLines(diff), "");
    const pressed = await confirm("Deploy this to production?", signal);
    view = progressView();
    return pressed;
  };
  try {
    const result = await reported(options.commit, statusFile, () =>
      promote({
        ...options,
        signal,
        progress: (event) => view.progress(event),
        press: canAsk() ? press : undefined,
      }),
    );
    view.close();
    say(...promotionLines(result));
    if (json) printJson(result);
    return exitCodeOf(result);
  } finally {
    view.close();
  }
};
