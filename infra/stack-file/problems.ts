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

/** What could move a cursor, hide text or reverse its direction is written out: keys and messages are from files. */
const plain = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);

/** A problem, or a warning, on one line. */
export const sentence = ({ file, line, at, what }: StackFileProblem): string =>
  plain(`${file}${line === undefined ? "" : `:${line}`}: ${at === "" ? "" : `${at}: `}${what}`);

/** Everything that is wrong with stack files, told at once and before anything changes. */
export class StackFileError extends Error {
  override readonly name = "StackFileError";
  readonly problems: readonly StackFileProblem[];

  constructor(problems: readonly StackFileProblem[]) {
    super(["The stack file cannot be deployed:", ...problems.map((problem) => `  ${sentence(problem)}`)].join("\n"));
    this.problems = problems;
  }
}

/** Throws everything that was found, in the order of its lines; returns when nothing was. */
export function throwProblems(problems: readonly StackFileProblem[]): void {
  if (problems.length === 0) return;
  const files = [...new Set(problems.map(({ file }) => file))];
  const inFile = (file: string) =>
    problems.filter((one) => one.file === file).sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  throw new StackFileError(files.flatMap(inFile));
}
