import type { FlawedRun, KeptRun } from "../evidence/run-store.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { short } from "../settings/release.ts";
import { applicationAt } from "./application.ts";
import { type Dora, doraOf } from "./dora.ts";
import { UsageError } from "./errors.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { registryHere, runsIn, runsOf } from "./runs.ts";
import { type StackUpdate, stackHistory } from "./stack-history.ts";

const day = 86_400_000;

/** Something that ran. */
export interface HistoryEntry {
  startedOn: Date;
  /** Whether it deployed a commit, or took an environment back to an earlier release. */
  kind: "promotion" | "going back" | "by hand" | "not concluded";
  /** The run that it was part of; absent for what was done by hand, and for a run that was interrupted. */
  run?: KeptRun;
  /** What Pulumi did; absent where no environment was asked for, and where Pulumi had nothing to do or does not know any more. */
  update?: StackUpdate;
}

/** What ran, newest first. */
export interface History {
  application: string;
  environment?: EnvironmentName;
  entries: HistoryEntry[];
  /** What is kept as a run and does not count. */
  flawed: FlawedRun[];
  /** Of production alone. */
  dora?: Dora;
}

export interface HistoryOptions {
  environment?: EnvironmentName | undefined;
  /** How many entries at most. */
  limit: number;
  /** Over how many days DORA's figures are computed. */
  days: number;
  signal: AbortSignal;
}

/** What a run is among all that ran. */
export const kindOf = ({ kind }: KeptRun): HistoryEntry["kind"] => (kind === "rollback" ? "going back" : "promotion");

/** Whether a run changed or examined an environment. */
const reached = ({ steps, wentBack }: KeptRun, environment: EnvironmentName): boolean =>
  wentBack?.environment === environment ||
  steps.some((step) => step.environment === environment && ["passed", "failed"].includes(step.outcome));

/** Pulumi's times are cut to whole seconds. */
const during = ({ startedOn, finishedOn }: KeptRun, { startedOn: at }: StackUpdate): boolean =>
  at.getTime() >= startedOn.getTime() - 1_000 && at <= finishedOn;

/** The driver has Pulumi note what it deploys: `demo 0123456789ab`. */
const deployed = ({ message }: StackUpdate): string | undefined => / ([0-9a-f]{12})$/.exec(message)?.[1];

/** An update as an entry, with the run that it was part of. */
function entryOf(update: StackUpdate, runs: readonly KeptRun[]): HistoryEntry {
  const { startedOn } = update;
  if (update.byHand) return { startedOn, kind: "by hand", update };
  const within = runs.filter((run) => during(run, update));
  const commit = deployed(update);
  const own = within.find((run) => short(run.commit) === commit);
  if (own) return { startedOn, kind: kindOf(own), run: own, update };
  // Whatever else a run deploys is what an environment goes back to.
  const other = within.find(({ wentBack }) => wentBack && short(wentBack.commit) === commit) ?? within[0];
  return other ? { startedOn, kind: "going back", run: other, update } : { startedOn, kind: "not concluded", update };
}

const newestFirst = (one: HistoryEntry, other: HistoryEntry): number =>
  other.startedOn.getTime() - one.startedOn.getTime();

/**
 * What ran in an environment, of Pulumi's history and of runs: an entry for each update, and for each run that Pulumi had nothing
 * to do for.
 */
export function joined(
  environment: EnvironmentName,
  updates: readonly StackUpdate[],
  runs: readonly KeptRun[],
): HistoryEntry[] {
  const here = runs.filter((run) => reached(run, environment));
  const entries = updates.map((update) => entryOf(update, here));
  const told = new Set(entries.map(({ run }) => run));
  const rest = here.filter((run) => !told.has(run));
  return [...entries, ...rest.map((run) => ({ startedOn: run.startedOn, kind: kindOf(run), run }))].toSorted(
    newestFirst,
  );
}

/** Which runs have to be known: those of all these updates, and all that ended since then. Without an older update, all. */
function coveredBy(updates: readonly StackUpdate[], limit: number, since: Date): { since?: Date } {
  const oldest = updates.at(-1)?.startedOn;
  if (!oldest || updates.length < limit) return {};
  return { since: oldest < since ? oldest : since };
}

/**
 * What the application is called that is delivered from here.
 * @throws UsageError
 */
export async function applicationHere(): Promise<string> {
  await assertRepository();
  const application = await applicationAt(await resolveCommit("HEAD"));
  if (application !== undefined) return application;
  throw new UsageError(
    "HEAD's delivery.yaml does not say what the application is called, or there is not exactly one",
    {
      next: "the same command in a commit that has one with a name",
    },
  );
}

/**
 * What ran when, by whom and how it ended: of all commits, or in one environment.
 * @throws UsageError, PrerequisiteError
 */
export async function history({ environment, limit, days, signal }: HistoryOptions): Promise<History> {
  const application = await applicationHere();
  if (environment === undefined) {
    const { runs, flawed } = await runsOf(application, { limit, signal });
    const entries = runs.slice(0, limit).map((run) => ({ startedOn: run.startedOn, kind: kindOf(run), run }));
    return { application, entries, flawed };
  }
  const until = new Date();
  const since = new Date(until.getTime() - days * day);
  const [registry, updates] = await Promise.all([registryHere(signal), stackHistory(environment, limit, signal)]);
  const ofProduction = environment === "production";
  const { runs, flawed } = await runsIn(registry, application, {
    ...coveredBy(updates, limit, ofProduction ? since : until),
    signal,
  });
  const entries = joined(environment, updates, runs).slice(0, limit);
  const dora = ofProduction ? { dora: doraOf(runs, { since, until }) } : {};
  return { application, environment, entries, flawed, ...dora };
}
