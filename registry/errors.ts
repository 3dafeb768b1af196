/** A registry that does not answer, or not as it should. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly status: number | undefined;
  /** What to do about it, where that is known. */
  readonly next: string | undefined;

  constructor(message: string, { status, next, cause }: { status?: number; next?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.next = next;
  }

  /** Whether it is about one content that a registry holds, while others can be read: no answer and no login is about the registry. */
  get isOfContent(): boolean {
    return this.cause === undefined && this.next === undefined;
  }
}
