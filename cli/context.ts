/** What every command gets from the entry. */
export interface CommandContext {
  /** Aborted when somebody asks to stop. */
  signal: AbortSignal;
}

/** Runs one command and returns its exit code. */
export type Command<Options> = (options: Options, context: CommandContext) => Promise<number>;
