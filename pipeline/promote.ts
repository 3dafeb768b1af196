import type { EnvironmentName } from "../settings/environment.ts";
import { type Release, short } from "../settings/release.ts";
import { breakGlass, decide, decisionOn, hashOf } from "./approval.ts";
import { prepareBackend } from "./backend.ts";
import type { EnvironmentDiff } from "./diff.ts";
import type { Progress, StepResult } from "./events.ts";
import { environmentFacts } from "./facts.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { goBackFrom, takeBackProdlike } from "./go-back.ts";
import { irreversible } from "./irreversible.ts";
import { knownOf, provedBefore } from "./known.ts";
import { Leasing } from "./leasing.ts";
import { preparePlatform } from "./platform.ts";
import { preflight } from "./preflight.ts";
import { previewRelease } from "./preview.ts";
import { needed, type Promotion } from "./promotion.ts";
import { conclude, type PromotionResult } from "./promotion-result.ts";
import { whoRuns } from "./record.ts";
import { alone } from "./run-lock.ts";
import { keepPromotion } from "./run-record.ts";
import { runStep, skipStep, waiveStep } from "./run-step.ts";
import type { Step } from "./step.ts";
import { steps } from "./steps/index.ts";
import { noteUncommitted } from "./uncommitted.ts";
import { stackOutputs } from "./workspace.ts";

export interface PromoteOptions {
  /** What git knows the commit by. */
  commit: string;
  /** Continuous deployment: no button before step 8. */
  continuous: boolean;
  /** Do again what the release has proved already. */
  again: boolean;
  /** Why a release is to come to production that has not proved what is demanded: no step between build and production is done. */
  breakGlass?: string | undefined;
  /** Also what cannot be gone back from. */
  irreversible: boolean;
  /** Where delivery.yaml is, when it has to be said. */
  description?: string | undefined;
  signal: AbortSignal;
  progress: Progress;
  /** Shows somebody what would change in production and returns their answer; absent where nobody can be asked. */
  press?: ((diff: EnvironmentDiff, promotion: Promotion) => Promise<boolean>) | undefined;
}

async function begin({ commit: name, description, signal: own, progress }: PromoteOptions): Promise<Promotion> {
  await assertRepository();
  const commit = await resolveCommit(name);
  const leasing = new Leasing(`promote ${short(commit)}`, own, progress);
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
    platform: prepared,
    leasing,
    unwritten: [],
    skipped: new Set(),
    losses: [],
    facts: {},
  };
}

type Button = "pressed" | "ready" | "declined" | "rejected";

/** The one decision that people take, here and now or with `promote approve`; an approval is of one change and no other. */
async function button(
  promotion: Promotion,
  { continuous, irreversible: said, press }: PromoteOptions,
): Promise<Button> {
  const { before, signal, progress } = promotion;
  const release = needed(promotion, "release");
  const decision = await decisionOn(release, signal);
  if (decision?.decision === "rejected") {
    promotion.rejection = decision;
    return "rejected";
  }
  promotion.irreversible = await irreversible(before, release, signal);
  if (continuous && (said || promotion.irreversible.length === 0)) return "pressed";
  if (!decision && !press) return "ready";
  const diff = await previewRelease("production", { ...promotion, release });
  if (decision?.diff === hashOf(diff)) {
    promotion.approval = decision;
    return "pressed";
  }
  if (decision) progress({ type: "note", text: `What ${decision.approver} approved is not what would change now.` });
  if (!press) return "ready";
  if (!(await press(diff, promotion))) return "declined";
  await decide(release, diff, { decision: "approved" }, signal);
  promotion.approval = { decision: "approved", diff: hashOf(diff), approver: whoRuns(), on: new Date() };
  return "pressed";
}

/** What an environment ran before this commit came, to go back to if it does not hold there. */
async function runningBefore(environment: EnvironmentName, promotion: Promotion): Promise<Release | undefined> {
  const facts = environmentFacts(environment, await stackOutputs(environment, { signal: promotion.signal }));
  return facts?.release?.commit === promotion.commit ? facts.previous : facts?.release;
}

/** The steps that are not done when somebody breaks the glass. */
const waived: readonly number[] = [2, 4, 5, 6, 7];

type Taken = StepResult | Exclude<Button, "pressed">;

/** Does a step, unless it is done already, or somebody is to press the button first and has not. */
async function take(step: Step, promotion: Promotion, options: PromoteOptions): Promise<Taken> {
  const proved = await provedBefore(step, promotion);
  if (options.breakGlass !== undefined && !proved && waived.includes(step.number)) return waiveStep(step, promotion);
  if (step.number === 8) promotion.before = await runningBefore("production", promotion);
  if (step.number === 6) promotion.prodlikeBefore = await runningBefore("prodlike", promotion);
  if (proved) {
    promotion.skipped.add(step.number);
    return skipStep(step, proved, promotion);
  }
  const decision = step.number === 8 ? await button(promotion, options) : "pressed";
  if (decision !== "pressed") return decision;
  if (step.environment) await promotion.leasing.enter(step.environment);
  if (step.number === 8 && options.breakGlass !== undefined) {
    await breakGlass(needed(promotion, "release"), options.breakGlass, promotion.signal);
  }
  return runStep(step, promotion);
}

/**
 * Goes back after a step said no: in production, where something ran before, which is known from step 8 on, and before that in
 * prodlike.
 */
async function wentBackFrom(promotion: Promotion) {
  const { before, prodlikeBefore } = promotion;
  if (before) return goBackFrom(needed(promotion, "release"), "production", before, promotion);
  if (prodlikeBefore) await takeBackProdlike(prodlikeBefore, promotion);
  return undefined;
}

async function nineSteps(promotion: Promotion, options: PromoteOptions): Promise<PromotionResult> {
  const results: StepResult[] = [];
  for (const step of steps) {
    const result = await take(step, promotion, options);
    if (typeof result === "string") return conclude(promotion, results, result);
    results.push(result);
    if (result.outcome === "failed") {
      const wentBack = await wentBackFrom(promotion);
      return conclude(promotion, results, "failed", wentBack);
    }
    if (step.number === 1) {
      promotion.known = options.again ? undefined : await knownOf(promotion);
      // Unit tests need nothing of it, so it comes up meanwhile.
      if (!promotion.known) promotion.platform().catch(() => {});
    }
  }
  return conclude(promotion, results, "deployed");
}

/** Takes one commit through the nine steps, as far as it gets. */
export const promote = (options: PromoteOptions): Promise<PromotionResult> =>
  alone(`promote ${options.commit}`, async () => {
    const startedOn = new Date();
    const promotion = await begin(options);
    const result = await promotion.leasing.during(() => nineSteps(promotion, options));
    await keepPromotion(promotion, result, { startedOn, breakGlass: options.breakGlass });
    return result;
  });
