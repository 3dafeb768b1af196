import { readFileSync } from "node:fs";

import type { Variables } from "./interpolate.ts";
import { whyUnread } from "./source.ts";

/**
 * Reads a file of environment variables as Docker does: `KEY=value` on each line, quotes kept, `#` at its start a comment.
 * A key alone takes its value from `variables`, and is left out where there is none.
 * @throws Error saying what is wrong with it
 */
export function readEnvFile(file: string, variables: Variables): Record<string, string> {
  const entries = textOf(file)
    .split(/\r?\n/)
    .map((line, index) => entryOf(line.trimStart(), variables, `line ${index + 1} of ${file}`));
  return Object.fromEntries(entries.filter((entry) => entry !== undefined));
}

function textOf(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof TypeError ? "it is not UTF-8" : whyUnread(error)}`);
  }
}

function entryOf(line: string, variables: Variables, where: string): [string, string] | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  const equals = line.indexOf("=");
  const key = equals < 0 ? line : line.slice(0, equals);
  // Never the line itself, which may hold a secret.
  if (key === "") throw new Error(`${where} names no variable`);
  if (/[ \t]/.test(key)) throw new Error(`${where} has spaces in the name of its variable`);
  const value = equals < 0 ? variables[key] : line.slice(equals + 1);
  return value === undefined ? undefined : [key, value];
}
