import { ownKey } from "../evidence/project.ts";
import { counts, lengths, type Run, type RunStep } from "../evidence/run.ts";
import { keepRun } from "../evidence/run-store.ts";
import { sourceRoot } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { hostOf, type Release } from "../settings/release.ts";
import { logTitle } from "../swarm/rollouts.ts";
import { applicationAt } from "./application.ts";
import type { Progress, StepResult } from "./events.ts";
import { git, gitOutput } from "./git.ts";
import type { GoingBack } from "./go-back.ts";
import { plainLine } from "./plain-text.ts";
import { platformOf } from "./platform-outputs.ts";
import type { Loss, Promotion } from "./promotion.ts";
import type { PromotionResult } from "./promotion-result.ts";
import { whoRuns } from "./record.ts";
import { stackOutputs } from "./stack-state.ts";

/** On one line, cut, and without what a URL may hold to log in with. */
const told = (text: string, length: number = lengths.line): string =>
  plainLine(text.replaceAll(/(\/\/)[^\s/@]+@/g, "$1…@"), length);

/** The steps whose details are all that a command of the application printed, which may be anything. */
const printed: readonly number[] = [2, 3];

/** What was seen of a failure, without what the application itself printed. */
function detailsOf({ number, details = [], reason }: StepResult): string[] {
  if (printed.includes(number)) return [];
  const title = details.findIndex((detail) => detail.trim() === logTitle.trim());
  const own = title < 0 ? details : details.slice(0, title);
  return own
    .filter((detail) => detail.trim() !== "" && detail !== reason)
    .slice(0, counts.details)
    .map((detail) => told(detail, lengths.detail));
}

/** A step's result as a run keeps it. */
export function keptStep(result: StepResult): RunStep {
  const { number, name, environment, outcome, startedOn, seconds, reason } = result;
  const details = detailsOf(result);
  return {
    number,
    name,
    ...(environment ? { environment } : {}),
    outcome,
    ...(startedOn ? { startedOn } : {}),
    seconds,
    ...(reason === undefined ? {} : { reason: told(reason) }),
    ...(details.length > 0 ? { details } : {}),
  };
}

const shortly = ({ commit, version }: Release): { commit: string; version: string } => ({ commit, version });

const keptGoingBack = (
  environment: EnvironmentName,
  { release, outcome, seconds, reason }: GoingBack,
): NonNullable<Run["wentBack"]> => ({
  environment,
  ...shortly(release),
  outcome,
  seconds,
  ...(reason === undefined ? {} : { reason: told(reason) }),
});

const keptLosses = (losses: readonly Loss[]): Pick<Run, "losses"> =>
  losses.length > 0 ? { losses: losses.slice(0, counts.losses) } : {};

/** What git says of a commit. */
async function ofGit(commit: string): Promise<Pick<Run, "subject" | "author" | "committedOn">> {
  const printedByGit = await gitOutput(sourceRoot(), ["log", "-1", "--format=%ct%x00%an%x00%s", commit, "--"]);
  const [at = "", author = "", subject = ""] = printedByGit.split("\0");
  return { subject: told(subject), author: told(author), committedOn: new Date(Number(at) * 1_000) };
}

/** When git got each commit that production did not have before; that of the commit alone where nobody can tell. */
async function changesOf(commit: string, before: Release | undefined, own: Date): Promise<Date[]> {
  if (!before) return [own];
  const range = [commit, "--not", before.commit, "--"];
  const listed = await git(sourceRoot(), ["log", `--max-count=${counts.changes}`, "--format=%ct", ...range]);
  const times = listed.exitCode === 0 ? listed.stdout.split("\n").filter((line) => line !== "") : [];
  return times.length > 0 ? times.map((text) => new Date(Number(text) * 1_000)) : [own];
}

const changedProduction = ({ number, outcome }: StepResult): boolean =>
  number === 8 && (outcome === "passed" || outcome === "failed");

/** Whose yes or no it had: that of the person, as they signed in, by the key that signed it. */
function decisionsOf({ approvals, rejection }: Promotion): Pick<Run, "decisions"> {
  const said = rejection ? [rejection] : (approvals?.counting ?? []);
  if (said.length === 0) return {};
  const decisions = said.slice(0, counts.decisions).map(({ decision, signer, approver, on, reason }) => ({
    decision,
    by: told(`${signer} (${approver})`),
    on,
    ...(reason === undefined ? {} : { reason: told(reason) }),
  }));
  return { decisions };
}

interface Begun {
  startedOn: Date;
  breakGlass: string | undefined;
}

async function runOf(
  promotion: Promotion,
  { commit, outcome, release, steps, wentBack }: PromotionResult,
  { startedOn, breakGlass }: Begun,
  application: string,
): Promise<Run> {
  const ofCommit = await ofGit(commit);
  const before = promotion.before.production;
  return {
    kind: "promotion",
    application,
    commit,
    ...(release ? { version: told(release.version), images: release.images } : {}),
    ...ofCommit,
    startedOn,
    finishedOn: new Date(),
    runBy: told(whoRuns()),
    outcome,
    steps: steps.map(keptStep),
    ...(before ? { before: shortly(before) } : {}),
    ...(steps.some(changedProduction) ? { changes: await changesOf(commit, before, ofCommit.committedOn) } : {}),
    ...decisionsOf(promotion),
    ...(promotion.supersededBy ? { supersededBy: promotion.supersededBy } : {}),
    ...(promotion.overridden === undefined
      ? {}
      : { override: { by: told(whoRuns()), reason: told(promotion.overridden) } }),
    ...(breakGlass === undefined ? {} : { brokenGlass: { by: told(whoRuns()), reason: told(breakGlass) } }),
    ...(wentBack ? { wentBack: keptGoingBack("production", wentBack) } : {}),
    ...keptLosses(promotion.losses),
  };
}

/** Where runs are kept: the registry that the release is in, else the one that there is. */
const hostFor = async (release: Release | null): Promise<string | undefined> =>
  hostOf(release) ?? platformOf(await stackOutputs("delivery"))?.registry;

/** Does what keeps a run; that it could not be kept changes nothing about how the run ended, and is told. */
async function keeping(progress: Progress, keep: () => Promise<string | undefined>): Promise<void> {
  const why = await keep().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (why !== undefined) progress({ type: "note", text: `This run is missing in promote history: ${why}` });
}

/** Has the registry keep how a promotion ended, signed. Never throws. */
export const keepPromotion = (promotion: Promotion, result: PromotionResult, begun: Begun): Promise<void> =>
  keeping(promotion.progress, async () => {
    const { commit, description, delivery } = promotion;
    const application = delivery?.name ?? (await applicationAt(commit, description));
    if (application === undefined) return "its delivery.yaml does not say what the application is called";
    const host = await hostFor(result.release);
    if (host === undefined) return "there is no registry yet";
    await keepRun(host, await runOf(promotion, result, begun, application), await ownKey(), promotion.signal);
    return undefined;
  });

interface RolledBack {
  environment: EnvironmentName;
  from: Release | undefined;
  startedOn: Date;
  losses: readonly Loss[];
  progress: Progress;
  signal: AbortSignal;
}

/** Has the registry keep how a rollback ended, signed. Never throws. */
export const keepRollback = (result: GoingBack, about: RolledBack): Promise<void> =>
  keeping(about.progress, async () => {
    const { application, commit, version, images } = result.release;
    const { environment, from, startedOn, losses, signal } = about;
    const run: Run = {
      kind: "rollback",
      application,
      commit,
      version: told(version),
      images,
      ...(await ofGit(commit)),
      startedOn,
      finishedOn: new Date(),
      runBy: told(whoRuns()),
      outcome: result.outcome === "restored" ? "restored" : "failed",
      steps: [],
      ...(from ? { before: shortly(from) } : {}),
      wentBack: keptGoingBack(environment, result),
      ...keptLosses(losses),
    };
    const host = await hostFor(result.release);
    if (host === undefined) return "there is no registry any more";
    await keepRun(host, run, await ownKey(), signal);
    return undefined;
  });
