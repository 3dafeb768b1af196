import { stripVTControlCharacters } from "node:util";

import { commandsWith } from "./typed-commands.ts";

type Write = (text: string) => void;

const toStandardError: Write = (text) => void process.stderr.write(text);
let write = toStandardError;

/** Lets lines for people be written by `other` while something is drawn below them; without it, as always. */
export const sayThrough = (other: Write = toStandardError): void => {
  write = other;
};

let named = "";

/** Has all commands that people are shown be typed with these options, such as `--source ../shop`. */
export const showCommandsWith = (options: string): void => {
  named = options;
};

const textOf = (lines: readonly string[]): string => {
  const text = lines.map((line) => `${line}\n`).join("");
  return named === "" ? text : commandsWith(text, named);
};

/** Tells people how it goes, on standard error, so that standard output carries results only. */
export const say = (...lines: readonly string[]): void => write(textOf(lines));

/** Writes a result for people, on standard output; what styles it stays out of a pipe. */
export const printLines = (...lines: readonly string[]): void => {
  const text = textOf(lines);
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
