import { rejectionIn } from "../../evidence/approvals.ts";
import type { Release } from "../../settings/release.ts";
import { heldBack } from "../../settings/windows.ts";
import { applicationAt } from "../application.ts";
import { approvalsOf } from "../approval.ts";
import type { PromotionOutcome } from "../promotion-result.ts";
import { builtRelease } from "../release.ts";
import { runsOf } from "../runs.ts";
import type { Conclusion } from "./events.ts";

/** That a release which waits for production may be let in now, or never. */
export interface Answer {
  /** Tells it from other answers about the same release. */
  name: string;
  /** Whose answer it is, for a person. */
  because: string;
}

/** The name of the answer that nobody had to be asked for. */
export const unasked = "";

/** What the registry knows, whoever ran what and wherever. */
export interface Knowledge {
  /** What a commit came to when it was last delivered; undefined when it never came to its end. */
  conclusionOf: (commit: string, signal: AbortSignal) => Promise<Conclusion | undefined>;
  /** What there is to say about a commit's release and production; undefined while there is nothing new to expect of it. */
  answerTo: (commit: string, signal: AbortSignal) => Promise<Answer | undefined>;
}

/** What a promotion that ended so came to: a no of the moment leaves the release ready. */
export const conclusionFrom = (outcome: PromotionOutcome): Conclusion => (outcome === "declined" ? "ready" : outcome);

export interface KnowledgeOptions {
  /** Where delivery.yaml is, when it has to be said. */
  description?: string | undefined;
  /** Nobody is asked, unless the rules want it. */
  continuous: boolean;
}

export function knowledge({ description, continuous }: KnowledgeOptions): Knowledge {
  // The release that waits is looked for once, what is said of it every time.
  let asked: { commit: string; release: Release } | undefined;
  return {
    async conclusionOf(commit, signal) {
      const application = await applicationAt(commit, description);
      if (application === undefined) return undefined;
      const { runs } = await runsOf(application, { commit, limit: 1, signal });
      const last = runs.find(({ kind }) => kind === "promotion");
      return last && conclusionFrom(last.outcome as PromotionOutcome);
    },
    async answerTo(commit, signal) {
      const release = asked?.commit === commit ? asked.release : await builtRelease(commit, signal);
      if (!release) return undefined;
      asked = { commit, release };
      const { decisions, rules } = await approvalsOf(release, signal);
      if (!rejectionIn(decisions) && heldBack(rules, new Date())) return undefined;
      const last = decisions.at(-1);
      if (!last) return continuous ? { name: unasked, because: "production may be changed now" } : undefined;
      const name = decisions.map(({ decision, diff, signer, on }) =>
        [decision, diff, signer, on.toISOString()].join(" "),
      );
      return { name: name.join(", "), because: `${last.decision} by ${last.signer} (${last.approver})` };
    },
  };
}
