import type { Evidence } from "../evidence/of-release.ts";
import { InterruptedError, LockedError, PipelineError, StepFailure } from "./errors.ts";
import type { StepResult, StepTitle } from "./events.ts";
import { plainLine } from "./plain-text.ts";
import { logPath, type Promotion, withLog } from "./promotion.ts";
import type { Proof } from "./proof.ts";
import { knownCause } from "./pulumi-errors.ts";
import { type Ran, record } from "./record.ts";
import type { Step } from "./step.ts";

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === "string" && "errno" in error;

/**
 * A step's failure from what it threw. What is no verdict on the commit (an interruption, somebody else's lock, a fault
 * of our own) is thrown on.
 */
function failureFrom(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof InterruptedError || error instanceof LockedError) throw error;
  if (error instanceof PipelineError) {
    return new StepFailure(error.message, { cause: error, ...(error.next ? { next: error.next } : {}) });
  }
  if (isSystemError(error)) {
    const cause = knownCause(error.message);
    return new StepFailure(cause?.reason ?? error.message, { cause: error, ...(cause ? { next: cause.next } : {}) });
  }
  throw error;
}

const titleOf = ({ number, name, environment }: Step): StepTitle => ({
  number,
  name,
  ...(environment ? { environment } : {}),
});

function slug({ number, name, environment }: Step): string {
  const where = environment && !name.endsWith(environment) ? [environment] : [];
  return [number, ...name.split(" "), ...where].join("-");
}

/**
 * Keeps what a step proved. What runs in production by now is not taken back because that could not be written down; it
 * would only have to be proved again.
 */
async function kept(promotion: Promotion, proof: Proof, ran: Ran): Promise<StepFailure | undefined> {
  await promotion.leasing.confirm();
  try {
    await record(promotion, proof, ran);
    return undefined;
  } catch (error) {
    const failure = failureFrom(error);
    if (ran.environment !== "production") return failure;
    promotion.progress({ type: "note", text: failure.message });
    return undefined;
  }
}

/** Runs a step and has kept what it proved; returns why it said no, if it did. */
async function attempt(step: Step, promotion: Promotion, log: string): Promise<StepFailure | undefined> {
  const startedOn = new Date();
  const ended = await withLog(log, async (file) => {
    const proof = await step.run(promotion, file).catch(failureFrom);
    if (proof instanceof StepFailure) file.note(`\n${proof.message}`);
    return proof;
  });
  if (ended instanceof StepFailure) return ended;
  const { claim, environment } = step;
  return ended && claim && kept(promotion, ended, { claim, environment, startedOn, finishedOn: new Date(), log });
}

/** Runs one step, tells how it went, and returns it; never throws because the answer is no. */
export async function runStep(step: Step, promotion: Promotion): Promise<StepResult> {
  const startedOn = new Date();
  const title = titleOf(step);
  const log = logPath(promotion.commit, slug(step));
  promotion.figures = undefined;
  promotion.progress({ type: "step-started", step: title, log });
  const failure = await attempt(step, promotion, log);
  const result: StepResult = {
    ...title,
    outcome: failure ? "failed" : "passed",
    startedOn,
    seconds: (Date.now() - startedOn.getTime()) / 1_000,
    log,
    ...(failure ? { reason: plainLine(failure.message, 400), details: failure.details } : {}),
    ...(failure?.next ? { next: failure.next } : {}),
    ...(failure && promotion.figures ? { probe: promotion.figures } : {}),
  };
  promotion.progress({ type: "step-ended", step: result });
  return result;
}

/** A step that is not run, since what it would prove of the release is proved. */
export function skipStep(step: Step, { digest, finishedOn, signer }: Evidence, { progress }: Promotion): StepResult {
  const provedBefore = { evidence: digest, ...(finishedOn ? { on: finishedOn } : {}), ...(signer ? { signer } : {}) };
  const result: StepResult = { ...titleOf(step), outcome: "skipped", seconds: 0, provedBefore };
  progress({ type: "step-ended", step: result });
  return result;
}

/** A step that is not run because somebody broke the glass. */
export function waiveStep(step: Step, { progress }: Promotion): StepResult {
  const result: StepResult = { ...titleOf(step), outcome: "waived", seconds: 0 };
  progress({ type: "step-ended", step: result });
  return result;
}
