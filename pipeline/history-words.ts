import type { KeptRun } from "../evidence/run-store.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { short } from "../settings/release.ts";
import { releaseName } from "../settings/release-name.ts";
import { duration } from "./duration.ts";
import { stepTitle } from "./events.ts";
import type { HistoryEntry } from "./history.ts";
import type { StackUpdate } from "./stack-history.ts";

/** How something ended, in a word or two, and why it did not end well. */
export interface Ending {
  word: string;
  /** Well, badly, or by somebody's decision. */
  mark: "✓" | "✗" | "-";
  reasons: string[];
}

/** A step of a run that said no, if one did; of one environment alone where that is asked about. */
const failedIn = ({ steps }: KeptRun, environment?: EnvironmentName) =>
  steps.find((step) => step.outcome === "failed" && (environment === undefined || step.environment === environment));

function goingBack({ wentBack, application }: KeptRun): string[] {
  if (!wentBack) return [];
  const { outcome, environment, seconds, reason = "" } = wentBack;
  const name = releaseName({ application, ...wentBack });
  if (outcome === "restored") return [`${environment} went back to ${name} in ${duration(seconds)}`];
  return [`${environment} did not go back to ${name}: ${reason}`];
}

const losses = ({ losses: all = [] }: KeptRun): string[] =>
  all.map(({ environment, sent, failed, from, to }) => {
    const seconds = (to.getTime() - from.getTime()) / 1_000;
    return `${failed} of ${sent} requests to ${environment} failed, within ${duration(seconds)}`;
  });

function endOfRun(run: KeptRun, environment?: EnvironmentName): Ending {
  const { outcome, decisions = [], kind, wentBack, supersededBy } = run;
  if (kind === "rollback") {
    const restored = outcome === "restored";
    const reasons = restored ? [] : [wentBack?.reason ?? ""];
    return { word: restored ? "went back" : "not gone back", mark: restored ? "✓" : "✗", reasons };
  }
  const failed = failedIn(run, environment);
  if (failed) {
    const reasons = [`${stepTitle(failed)}: ${failed.reason ?? ""}`, ...goingBack(run), ...losses(run)];
    return { word: `failed ${failed.number}/9`, mark: "✗", reasons };
  }
  if (environment !== undefined && environment !== "production") return { word: "passed", mark: "✓", reasons: [] };
  const rejections = decisions.filter(({ decision }) => decision === "rejected");
  const reasons = [
    ...rejections.map(({ by, reason = "" }) => `rejected by ${by}: ${reason}`),
    ...(supersededBy ? [`gave way to ${short(supersededBy)}, which is newer`] : []),
  ];
  return { word: outcome, mark: outcome === "deployed" || outcome === "ready" ? "✓" : "-", reasons };
}

const endOfUpdate = ({ result }: StackUpdate): Ending => ({
  word: result,
  mark: result === "succeeded" ? "✓" : "✗",
  reasons: [],
});

function endOfGoingBack({ run, update }: HistoryEntry, environment: EnvironmentName | undefined): Ending {
  const outcome = run?.wentBack?.environment === environment ? run?.wentBack?.outcome : undefined;
  const restored = outcome === undefined ? update?.result === "succeeded" : outcome === "restored";
  return { word: restored ? "went back" : "not gone back", mark: restored ? "✓" : "✗", reasons: [] };
}

export function ending(entry: HistoryEntry, environment: EnvironmentName | undefined): Ending {
  const { run, update, kind } = entry;
  if (run && (kind === "promotion" || run.kind === "rollback")) return endOfRun(run, environment);
  if (kind === "going back") return endOfGoingBack(entry, environment);
  return update ? endOfUpdate(update) : { word: "", mark: "-", reasons: [] };
}

/** What it was about: a release, or what Pulumi was told to do. */
export function about({ run, update, kind }: HistoryEntry): string {
  if (run && kind === "going back" && run.kind === "promotion") return `back to ${update?.message ?? ""}`;
  if (run) return releaseName(run);
  const what = [`pulumi ${update?.kind ?? ""}`, kind === "by hand" ? "by hand" : (update?.message ?? "")];
  return what.filter(Boolean).join(" ");
}

const updateSeconds = ({ startedOn, finishedOn }: { startedOn: Date; finishedOn: Date }): number =>
  (finishedOn.getTime() - startedOn.getTime()) / 1_000;

/** How long it took: all of a run, or what an environment had of it. */
export function seconds({ run, update, kind }: HistoryEntry, environment: EnvironmentName | undefined): number {
  if (run && kind === "promotion" && environment !== undefined) {
    const own = run.steps.filter((step) => step.environment === environment);
    return own.reduce((total, step) => total + step.seconds, 0);
  }
  if (run && (kind === "promotion" || run.kind === "rollback")) return updateSeconds(run);
  return update ? updateSeconds(update) : 0;
}

/** Who did it, and by whose word. */
export function who({ run, update, kind }: HistoryEntry): string {
  const by = run?.runBy ?? update?.runBy;
  // What a release was let in by says nothing about going back from it.
  const { decisions = [], brokenGlass, override } = (kind === "promotion" && run) || {};
  const all = [
    by && `by ${by}`,
    ...decisions.flatMap(({ decision, by: whom }) => (decision === "approved" ? `approved by ${whom}` : [])),
    override && `windows overridden by ${override.by}: ${override.reason}`,
    brokenGlass && `the glass broken by ${brokenGlass.by}`,
  ];
  return all.filter(Boolean).join(", ");
}
