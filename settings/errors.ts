/** One thing that is wrong with what somebody wrote. */
export interface Problem {
  /** Where: a configuration key or a dotted path, such as `images.app.context`. */
  at: string;
  /** What was found there, as it was written; never a secret. */
  found: string;
  /** What would have been right; absent where nothing is right there. */
  expected?: string;
}

const sentence = ({ at, found, expected }: Problem): string =>
  `  ${at}: found ${found}${expected === undefined ? "" : `, expected ${expected}`}`;

/** Everything that is wrong with one file of settings, told at once. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super([`${file} is not valid:`, ...problems.map(sentence)].join("\n"));
    this.file = file;
    this.problems = problems;
  }
}
