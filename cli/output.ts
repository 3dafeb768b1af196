import { stripVTControlCharacters } from "node:util";

type Write = (text: string) => void;

const toStandardError: Write = (text) => void process.stderr.write(text);
let write = toStandardError;

/** Lets lines for people be written by `other` while something is drawn below them; without it, as always. */
export const sayThrough = (other: Write = toStandardError): void => {
  write = other;
};

/** Tells people how it goes, on standard error, so that standard output carries results only. */
export const say = (...lines: readonly string[]): void => write(lines.map((line) => `${line}\n`).join(""));

/** Writes a result for people, on standard output; what styles it stays out of a pipe. */
export const printLines = (...lines: readonly string[]): void => {
  const text = lines.map((line) => `${line}\n`).join("");
  process.stdout.write(process.stdout.isTTY ? text : stripVTControlCharacters(text));
};

/** Writes a result for programs, on standard output. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
};

/** Writes one of many results for programs, on a line of its own. */
export const printJsonLine = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};
