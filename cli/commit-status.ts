import { statusReport } from "../pipeline/commit-status/index.ts";
import { commitStatus, pending, statusOf } from "../pipeline/commit-status/state.ts";
import { PipelineError } from "../pipeline/errors.ts";
import { resolveCommit } from "../pipeline/git.ts";
import type { PromotionResult } from "../pipeline/promotion-result.ts";
import { say } from "./output.ts";

/** Delivers a commit, and reports how it stands before and after to whoever wants to know: the file, the code host. */
export async function reported(
  name: string,
  file: string | undefined,
  deliver: () => Promise<PromotionResult>,
): Promise<PromotionResult> {
  const statuses = await statusReport({ file, tell: (text) => say(text) });
  const commit = await resolveCommit(name);
  try {
    statuses.report(commit, pending);
    const result = await deliver();
    statuses.report(commit, statusOf(result));
    return result;
  } catch (error) {
    const why = error instanceof PipelineError ? error.message : "A fault of the tool";
    statuses.report(commit, commitStatus("error", why));
    throw error;
  } finally {
    await statuses.close();
  }
}
