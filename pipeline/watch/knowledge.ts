import type { Run } from "../../evidence/run.ts";
import type { Release } from "../../settings/release.ts";
import { applicationAt } from "../application.ts";
import { type Decision, decisionOn } from "../approval.ts";
import { builtRelease } from "../release.ts";
import { runsOf } from "../runs.ts";
import type { Conclusion } from "./events.ts";

/** What the registry knows, whoever ran what and wherever. */
export interface Knowledge {
  /** What a commit came to when it was last delivered; undefined when it never came to its end. */
  conclusionOf: (commit: string, signal: AbortSignal) => Promise<Conclusion | undefined>;
  /** What people decided last about a commit's release and production. */
  decisionOn: (commit: string, signal: AbortSignal) => Promise<Decision | undefined>;
}

/** What a promotion that ended so came to: a no of the moment leaves the release ready. */
export function conclusionFrom(outcome: Run["outcome"]): Conclusion | undefined {
  if (outcome === "declined") return "ready";
  return outcome === "restored" ? undefined : outcome;
}

/** @param description where delivery.yaml is, when it has to be said */
export function knowledge(description: string | undefined): Knowledge {
  // The release that somebody is to decide about is looked for once, its evidence every time.
  let asked: { commit: string; release: Release } | undefined;
  return {
    async conclusionOf(commit, signal) {
      const application = await applicationAt(commit, description);
      if (application === undefined) return undefined;
      const { runs } = await runsOf(application, { commit, limit: 1, signal });
      const last = runs.find(({ kind }) => kind === "promotion");
      return last && conclusionFrom(last.outcome);
    },
    async decisionOn(commit, signal) {
      const release = asked?.commit === commit ? asked.release : await builtRelease(commit, signal);
      if (!release) return undefined;
      asked = { commit, release };
      return decisionOn(release, signal);
    },
  };
}
