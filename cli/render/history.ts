import type { KeptRun } from "../../evidence/run-store.ts";
import { stepTitle } from "../../pipeline/events.ts";
import type { History, HistoryEntry } from "../../pipeline/history.ts";
import { plainLine, utc } from "../../pipeline/plain-text.ts";
import { releaseName } from "../../pipeline/release-name.ts";
import type { StackUpdate } from "../../pipeline/stack-history.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import { short } from "../../settings/release.ts";
import { doraLines } from "./dora.ts";
import { bad, careful, duration, faint, good, strong } from "./style.ts";

/** How something ended, in a word or two, and why it did not end well. */
interface Ending {
  word: string;
  /** Well, badly, or by somebody's decision. */
  mark: "✓" | "✗" | "-";
  reasons: string[];
}

const colours = { "✓": good, "✗": bad, "-": careful } as const;

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

function ending(entry: HistoryEntry, environment: EnvironmentName | undefined): Ending {
  const { run, update, kind } = entry;
  if (run && (kind === "promotion" || run.kind === "rollback")) return endOfRun(run, environment);
  if (kind === "going back") return endOfGoingBack(entry, environment);
  return update ? endOfUpdate(update) : { word: "", mark: "-", reasons: [] };
}

/** What it was about: a release, or what Pulumi was told to do. */
function about({ run, update, kind }: HistoryEntry): string {
  if (run && kind === "going back" && run.kind === "promotion") return `back to ${update?.message ?? ""}`;
  if (run) return releaseName(run);
  const what = [`pulumi ${update?.kind ?? ""}`, kind === "by hand" ? "by hand" : (update?.message ?? "")];
  return what.filter(Boolean).join(" ");
}

const updateSeconds = ({ startedOn, finishedOn }: { startedOn: Date; finishedOn: Date }): number =>
  (finishedOn.getTime() - startedOn.getTime()) / 1_000;

/** How long it took: all of a run, or what an environment had of it. */
function seconds({ run, update, kind }: HistoryEntry, environment: EnvironmentName | undefined): number {
  if (run && kind === "promotion" && environment !== undefined) {
    const own = run.steps.filter((step) => step.environment === environment);
    return own.reduce((total, step) => total + step.seconds, 0);
  }
  if (run && (kind === "promotion" || run.kind === "rollback")) return updateSeconds(run);
  return update ? updateSeconds(update) : 0;
}

/** Who did it, and by whose word. */
function who({ run, update, kind }: HistoryEntry): string {
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

function entryLines(entry: HistoryEntry, environment: EnvironmentName | undefined): string[] {
  const { word, mark, reasons } = ending(entry, environment);
  const { run, kind } = entry;
  const colour = colours[mark];
  const subject = run && (kind === "promotion" || run.kind === "rollback") ? [run.subject] : [];
  const glass = run?.brokenGlass && kind === "promotion" ? [`the glass was broken: ${run.brokenGlass.reason}`] : [];
  const told = [
    colour(`${mark} ${utc(entry.startedOn)}`),
    colour(plainLine(word, 20).padEnd(13)),
    plainLine(about(entry), 80).padEnd(32),
    duration(seconds(entry, environment)).padStart(11),
    plainLine(who(entry), 200),
  ];
  return [
    told.join("  ").trimEnd(),
    ...subject.map((text) => `    ${faint(plainLine(text, 100))}`),
    ...[...reasons, ...glass].map((reason) => `    ${plainLine(reason, 300)}`),
  ];
}

const shownFlaws = 5;

/** What does not count; the first few of it, since anybody who may write to a registry can leave much there. */
function flawLines({ flawed }: History): string[] {
  if (flawed.length === 0) return [];
  const lines = flawed.slice(0, shownFlaws).map(({ tag, flaw }) => `  ${plainLine(tag, 60)}: ${plainLine(flaw, 200)}`);
  const more = flawed.length > shownFlaws ? [`  … and ${flawed.length - shownFlaws} more`] : [];
  return ["", bad(strong("Kept as runs, and not counted:")), ...lines, ...more];
}

/** What ran, as lines for a person. */
export function historyLines(history: History): string[] {
  const { application, environment, entries, dora } = history;
  const nothing = `Nothing of ${application} has run${environment ? ` in ${environment}` : ""} yet.`;
  return [
    ...(entries.length === 0 ? [nothing] : entries.flatMap((entry) => entryLines(entry, environment))),
    ...(dora ? ["", ...doraLines(dora)] : []),
    ...flawLines(history),
  ];
}
