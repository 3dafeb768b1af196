/** What a caller can tell apart; the command line turns each into an exit code. */
export type ErrorCode = "usage" | "prerequisite" | "locked" | "interrupted";

interface Explanation {
  /** The next command to type, or what to do. */
  next?: string;
  cause?: unknown;
}

/** A reason to stop that a person can act on. */
export abstract class PipelineError extends Error {
  abstract readonly code: ErrorCode;
  readonly next: string | undefined;

  constructor(message: string, { next, cause }: Explanation = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.next = next;
  }
}

/** What was asked for makes no sense: an unknown commit, no repository, settings that clash. */
export class UsageError extends PipelineError {
  readonly code = "usage";
}

/** Something outside the project is missing or does not answer: the engine, disk space, a port, a tool. */
export class PrerequisiteError extends PipelineError {
  readonly code = "prerequisite";
}

/** Another run holds what this one needs. */
export class LockedError extends PipelineError {
  readonly code = "locked";
}

/** The person, or the machine, asked to stop. */
export class InterruptedError extends PipelineError {
  readonly code = "interrupted";

  constructor() {
    super("Interrupted", {
      next: "npm run promote -- status (what runs); nothing is left locked, and the same command starts over.",
    });
  }
}

/** Why a step said no. */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
  /** The relevant output, line by line: failing tests, Swarm's reason, the last lines of a log. */
  readonly details: readonly string[];
  readonly next: string | undefined;

  constructor(message: string, { details = [], ...rest }: Explanation & { details?: readonly string[] } = {}) {
    super(message, rest.cause === undefined ? undefined : { cause: rest.cause });
    this.details = details;
    this.next = rest.next;
  }
}
