import { short } from "../settings/release.ts";
import { SupersededError } from "../swarm/lease-queue.ts";
import { breakGlass } from "./approval.ts";
import { prepareBackend } from "./backend.ts";
import { type ButtonOptions, button } from "./button.ts";
import { LockedError } from "./errors.ts";
import type { Progress, StepResult } from "./events.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { goBackFrom, takeBackProdlike } from "./go-back.ts";
import { markInUse } from "./in-use.ts";
import { knownAbout, knownOf, provedBefore, runsNow } from "./known.ts";
import { type Entered, Leasing } from "./leasing.ts";
import { preparePlatform } from "./platform.ts";
import { platformOf } from "./platform-outputs.ts";
import { preflight } from "./preflight.ts";
import { followable } from "./progress-file.ts";
import { needed, type Promotion } from "./promotion.ts";
import { conclude, type PromotionResult } from "./promotion-result.ts";
import { repositoryOf } from "./release.ts";
import { inTurn, together } from "./run-lock.ts";
import { keepPromotion } from "./run-record.ts";
import { runStep, skipStep, waiveStep } from "./run-step.ts";
import { lookInto, runningIn } from "./running.ts";
import { stackOutputs } from "./stack-state.ts";
import type { Step } from "./step.ts";
import { steps } from "./steps/index.ts";
import { noteUncommitted } from "./uncommitted.ts";

export interface PromoteOptions extends ButtonOptions {
  /** What git knows the commit by. */
  commit: string;
  /** Do again what the release has proved already. */
  again: boolean;
  /** Why a release is to come to production that has not proved what is demanded: no step between build and production is done. */
  breakGlass?: string | undefined;
  /** Where delivery.yaml is, when it has to be said. */
  description?: string | undefined;
  signal: AbortSignal;
  progress: Progress;
}

async function begin(
  commit: string,
  { description, again, signal: own, progress }: PromoteOptions,
): Promise<Promotion> {
  const leasing = new Leasing(`promote ${short(commit)}`, own, progress, commit);
  const { signal } = leasing;
  await prepareBackend();
  await noteUncommitted(progress);
  await preflight(commit);
  let platform: ReturnType<typeof preparePlatform> | undefined;
  const prepared = () => {
    platform ??= preparePlatform({ commit, signal, progress });
    return platform;
  };
  return {
    commit,
    description,
    signal,
    progress,
    again,
    platform: prepared,
    leasing,
    unwritten: [],
    skipped: new Set(),
    losses: [],
    before: {},
    facts: {},
    inProduction: runningIn("production", signal).catch(() => undefined),
  };
}

/** The steps that are not done when somebody breaks the glass. */
const waived: readonly number[] = [2, 4, 5, 6, 7];

type Taken = StepResult | "ready" | "declined" | "rejected";

/** A step that is proved already, or that nobody asks for since the glass is broken. */
async function notDone(step: Step, promotion: Promotion, options: PromoteOptions): Promise<StepResult | undefined> {
  const proved = await provedBefore(step, promotion);
  if (options.breakGlass !== undefined && !proved && waived.includes(step.number)) return waiveStep(step, promotion);
  if (!proved) return undefined;
  promotion.skipped.add(step.number);
  return skipStep(step, proved, promotion);
}

/** Has the step's environment to itself, where it has one. */
async function enter(
  step: Step,
  promotion: Promotion,
  options: PromoteOptions,
): Promise<Entered | Exclude<Taken, StepResult>> {
  if (!step.environment) return { waited: false, anew: false };
  if (step.number === 8) return button(promotion, options);
  const entered = await promotion.leasing.enter(step.environment);
  if (!isTest(step)) await lookInto(step.environment, promotion);
  return entered;
}

const isTest = ({ number }: Step): boolean => [5, 7, 9].includes(number);

/**
 * What is tested has to be what was deployed: an environment that others could have between the two must still run it.
 * @throws LockedError
 */
async function assertStillRuns({ environment }: Step, promotion: Promotion): Promise<void> {
  if (!environment || (await runsNow(environment, needed(promotion, "release"), promotion.signal))) return;
  throw new LockedError(`${environment} was changed by somebody else before it was tested`, {
    next: "the same command again",
  });
}

/** Does a step, unless it is done already, or somebody is to press the button first and has not. */
async function take(step: Step, promotion: Promotion, options: PromoteOptions): Promise<Taken> {
  const before = await notDone(step, promotion, options);
  if (before) return before;
  const entered = await enter(step, promotion, options);
  if (typeof entered === "string") return entered;
  if (entered.waited && !options.again) {
    // Whoever was waited for may have done it for the same release.
    promotion.known = await knownAbout(needed(promotion, "release"), promotion);
    const meanwhile = await notDone(step, promotion, options);
    if (meanwhile) return meanwhile;
  }
  if (entered.anew && isTest(step)) await assertStillRuns(step, promotion);
  if (step.number === 8 && options.breakGlass !== undefined) {
    await breakGlass(needed(promotion, "release"), options.breakGlass, promotion.signal);
    promotion.glassBroken = true;
  }
  return runStep(step, promotion);
}

/** Goes back after a step of production or of prodlike said no, where something ran there before. */
async function wentBackFrom({ environment }: Step, promotion: Promotion) {
  const before = environment && promotion.before[environment];
  if (!before) return undefined;
  if (environment === "production") return goBackFrom(needed(promotion, "release"), environment, before, promotion);
  if (environment === "prodlike") await takeBackProdlike(before, promotion);
  return undefined;
}

/** Does a step; none when the commit gives way to a newer one. */
const takeOrGiveWay = (step: Step, promotion: Promotion, options: PromoteOptions): Promise<Taken | "superseded"> =>
  take(step, promotion, options).catch((error: unknown) => {
    if (!(error instanceof SupersededError)) throw error;
    promotion.supersededBy = error.by;
    return "superseded";
  });

/** Looks for what there is of the commit's release, and has it left there for as long as this run goes on. */
async function lookBack(promotion: Promotion, { again }: PromoteOptions): Promise<void> {
  const { commit, signal } = promotion;
  const platform = platformOf(await stackOutputs("delivery", signal));
  if (!platform) return;
  const { registry } = platform;
  const repository = repositoryOf(needed(promotion, "delivery"));
  promotion.registry = registry;
  promotion.letGo = await markInUse({ registry, repository, commit }, signal);
  promotion.known = again ? undefined : await knownOf(registry, promotion);
}

async function nineSteps(promotion: Promotion, options: PromoteOptions): Promise<PromotionResult> {
  const results: StepResult[] = [];
  for (const step of steps) {
    const result = await takeOrGiveWay(step, promotion, options);
    if (typeof result === "string") return conclude(promotion, results, result);
    results.push(result);
    if (result.outcome === "failed") {
      const wentBack = await wentBackFrom(step, promotion);
      return conclude(promotion, results, "failed", wentBack);
    }
    if (step.number === 1) {
      await lookBack(promotion, options);
      // Unit tests need nothing of it, so it comes up meanwhile.
      if (!promotion.known?.has("build")) promotion.platform().catch(() => {});
    }
  }
  return conclude(promotion, results, "deployed");
}

/** Takes a commit through the nine steps, and has kept how that ended. */
async function run(commit: string, options: PromoteOptions): Promise<PromotionResult> {
  const startedOn = new Date();
  const promotion = await begin(commit, options);
  try {
    const result = await promotion.leasing.during(() => nineSteps(promotion, options));
    await keepPromotion(promotion, result, { startedOn, breakGlass: options.breakGlass });
    return result;
  } finally {
    await promotion.letGo?.();
  }
}

/**
 * Takes one commit through the nine steps, as far as it gets. Runs of other commits may go on beside it, one at a time in each
 * environment; a run of the same one, here, comes after it and finds done what that did.
 */
export const promote = (options: PromoteOptions): Promise<PromotionResult> =>
  together(`promote ${options.commit}`, async () => {
    const { signal, progress } = options;
    await assertRepository();
    const commit = await resolveCommit(options.commit);
    const onWait = (text: string): void => progress({ type: "note", text });
    const turn = { what: `promote ${short(commit)}`, signal, onWait };
    return inTurn(`commit-${commit}`, turn, () =>
      followable({ commit }, progress, (told) => run(commit, { ...options, progress: told })),
    );
  });
