import type { EnvironmentName } from "../../settings/environment.ts";
import { short } from "../../settings/release.ts";
import { type StepOutcome, stepTitle } from "../events.ts";
import { plainLine } from "../plain-text.ts";
import type { PromotionResult } from "../promotion-result.ts";

/** How a commit stands, in the words of GitHub's commit statuses, which Gitea and Forgejo share. */
export interface CommitStatus {
  state: "pending" | "success" | "failure" | "error";
  /** For a person, on one line. */
  description: string;
}

/** What tells these statuses from those of others, on the code host. */
export const context = "slipway";

/** As long as a description may be there. */
const longest = 140;

/** A status whose description is safe to show wherever it is sent, whatever a commit made a test or an engine say. */
export const commitStatus = (state: CommitStatus["state"], description: string): CommitStatus => ({
  state,
  description: plainLine(description, longest),
});

/** While it is delivered. */
export const pending = commitStatus("pending", "Being delivered");

/** The parts of a promotion's result that a status tells. */
interface Ended {
  outcome: PromotionResult["outcome"];
  steps: readonly {
    number: number;
    name: string;
    environment?: EnvironmentName | undefined;
    outcome: StepOutcome;
    reason?: string | undefined;
  }[];
  rejection?: { signer: string; reason?: string | undefined } | undefined;
  held?: string | undefined;
  supersededBy?: string | undefined;
}

/** Of a promotion that came to its end. That nobody pressed the button yet is no fault of the commit. */
export function statusOf({ outcome, steps, rejection, held, supersededBy }: Ended): CommitStatus {
  const failed = steps.find((step) => step.outcome === "failed");
  if (failed) return commitStatus("failure", `Step ${stepTitle(failed)} said no: ${failed.reason ?? ""}`);
  if (outcome === "deployed") return commitStatus("success", "Runs in production");
  if (outcome === "rejected") {
    const { signer = "somebody", reason = "" } = rejection ?? {};
    return commitStatus("failure", `Rejected for production by ${signer}: ${reason}`.replace(/: $/, ""));
  }
  if (outcome === "superseded") return commitStatus("error", `Gave way to ${short(supersededBy ?? "a newer commit")}`);
  return commitStatus("success", held === undefined ? "Ready for production" : `Ready for production; ${held}`);
}
