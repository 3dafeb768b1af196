/** Writes lines for people, on standard error, so that standard output carries results only. */
export const say = (...lines: readonly string[]): void => {
  process.stderr.write(lines.map((line) => `${line}\n`).join(""));
};

/** Writes a result for programs, on standard output. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
};
