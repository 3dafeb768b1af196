import type { EnvironmentName } from "../settings/environment.ts";
import type { LoadFigures } from "./probe/figures.ts";

/** What names a step to a person. */
export interface StepTitle {
  number: number;
  name: string;
  environment?: EnvironmentName;
}

/** `4/9 deploy to staging`, `7/9 production readiness tests in prodlike`. */
export function stepTitle({
  number,
  name,
  environment,
}: Omit<StepTitle, "environment"> & { environment?: EnvironmentName | undefined }): string {
  const where = environment && !name.endsWith(environment) ? ` in ${environment}` : "";
  return `${number}/9 ${name}${where}`;
}

/** Skipped is what the release proved before, waived what it did not have to, since somebody broke the glass. */
export type StepOutcome = "passed" | "skipped" | "waived" | "failed" | "not reached";

/** How one step of a promotion ended. */
export interface StepResult extends StepTitle {
  outcome: StepOutcome;
  /** Absent where it was not run. */
  startedOn?: Date;
  seconds: number;
  /** Why it failed, in one line. */
  reason?: string;
  /** The relevant output of a failure. */
  details?: readonly string[];
  /** What to do about a failure, when more is known than "mend it". */
  next?: string;
  /** The file with the step's whole output. */
  log?: string;
  /** What the load probe saw until it failed. */
  probe?: LoadFigures;
  /** The evidence because of which it was skipped: its digest, when the step ended, and whose word it is. */
  provedBefore?: { evidence: string; on?: Date; signer?: string };
}

/** Told while something goes on; nothing in pipeline/ prints. */
export type ProgressEvent =
  | { type: "note"; text: string }
  | { type: "detail"; text: string }
  | { type: "preparation-started"; name: string }
  | { type: "preparation-ended"; name: string; seconds: number; failed: boolean }
  | { type: "step-started"; step: StepTitle; log: string }
  | { type: "step-ended"; step: StepResult };

export type Progress = (event: ProgressEvent) => void;
