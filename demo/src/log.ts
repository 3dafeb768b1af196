type Fields = Record<string, string | number | undefined>;

/** Writes one line of JSON to standard output. */
export function log(message: string, fields: Fields = {}): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), message, ...fields }));
}

/** What is worth saying of an error: its text and code, never the connection's settings. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reason).join("; ");
  return error instanceof Error ? error.message : String(error);
}
