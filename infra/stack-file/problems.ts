/** One thing that is wrong with a stack file. */
export interface StackFileProblem {
  file: string;
  /** The line of the file, from 1; absent where the whole file is meant. */
  line?: number;
  /** The dotted path of the key, such as `services.web.ports.0`; empty for the file itself. */
  at: string;
  /** What is wrong, in words. */
  what: string;
}

const sentence = ({ file, line, at, what }: StackFileProblem): string =>
  `  ${file}${line === undefined ? "" : `:${line}`}: ${at === "" ? "" : `${at}: `}${what}`;

/** Everything that is wrong with stack files, told at once and before anything changes. */
export class StackFileError extends Error {
  override readonly name = "StackFileError";
  readonly problems: readonly StackFileProblem[];

  constructor(problems: readonly StackFileProblem[]) {
    super(["The stack file cannot be deployed:", ...problems.map(sentence)].join("\n"));
    this.problems = problems;
  }
}

/** Says of a key what `docker stack deploy` says of it, or what else somebody should know. */
export const warning = sentence;

/** Throws everything that was found; returns when nothing was. */
export function throwProblems(problems: readonly StackFileProblem[]): void {
  if (problems.length > 0) throw new StackFileError(problems);
}
