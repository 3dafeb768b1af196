/** Set-up cannot go on. Says what is wrong and what a person can do about it. */
export class SetupError extends Error {
  override readonly name = "SetupError";
  readonly code = "setup";
  /** What to type or do next. */
  readonly next: string;

  constructor(message: string, next: string, cause?: unknown) {
    super(message, { cause });
    this.next = next;
  }
}

/** An error as one line for a person. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
