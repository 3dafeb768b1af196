import type { Decision } from "../../evidence/approvals.ts";
import { decideOn } from "../../pipeline/approval.ts";
import type { EnvironmentDiff } from "../../pipeline/diff.ts";
import { UsageError } from "../../pipeline/errors.ts";
import { assertPossible } from "../../pipeline/preflight.ts";
import { short } from "../../settings/release.ts";
import { releaseName } from "../../settings/release-name.ts";
import { canAsk, confirm } from "../ask.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { diffLines } from "../render/diff.ts";
import { progressView } from "../render/progress.ts";
import { setUp } from "../set-up.ts";

export interface DecideCommandOptions {
  commit: string;
  decision: Decision["decision"];
  reason?: string;
  yes: boolean;
  json?: boolean;
}

const questions: Record<Decision["decision"], string> = {
  approved: "Approve this change of production?",
  rejected: "Reject this release for production?",
};

/** Approves or rejects a release for production, after showing what it would change there. */
export const decide: Command<DecideCommandOptions> = async ({ yes, json, ...options }, { signal }) => {
  const { commit, decision } = options;
  if (!yes && !canAsk()) {
    throw new UsageError("This decides about production, and nobody can be asked here", {
      next: "the same command with --yes, after reading: npm run promote -- preview production",
    });
  }
  await assertPossible(commit);
  await setUp(signal);
  let view = progressView();
  const agree = async (diff: EnvironmentDiff): Promise<boolean> => {
    view.close();
    say("", ...diffLines(diff), "");
    const agreed = yes || (await confirm(questions[decision], signal));
    view = progressView();
    return agreed;
  };
  try {
    const release = await decideOn({ ...options, signal, progress: (event) => view.progress(event), agree });
    view.close();
    if (json) printJson(release ? { release, decision } : null);
    if (!release) {
      say("Nothing was decided.");
      return exitCodes.declined;
    }
    say(`${releaseName(release)} is ${decision} for production.`);
    if (decision === "approved") say(`  Deploy it:  npm run promote -- ${short(release.commit)}`);
    return exitCodes.done;
  } finally {
    view.close();
  }
};
