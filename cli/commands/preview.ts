import { assertPossible } from "../../pipeline/preflight.ts";
import { preview as previewEnvironment } from "../../pipeline/preview.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines } from "../output.ts";
import { diffLines } from "../render/diff.ts";
import { progressView } from "../render/progress.ts";
import { setUp } from "../set-up.ts";

export interface PreviewCommandOptions {
  environment: EnvironmentName;
  commit?: string;
  exitCode: boolean;
  json?: boolean;
}

/** Shows what would change in an environment. */
export const preview: Command<PreviewCommandOptions> = async ({ environment, commit, exitCode, json }, { signal }) => {
  await assertPossible(commit ?? "HEAD");
  await setUp(signal);
  const view = progressView();
  try {
    const diff = await previewEnvironment(environment, commit, { signal, progress: view.progress });
    view.close();
    if (json) printJson(diff);
    else printLines(...diffLines(diff));
    const changes = !diff.exists || diff.changes.length > 0;
    return exitCode && changes ? exitCodes.changes : exitCodes.done;
  } finally {
    view.close();
  }
};
