const ansi = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/**
 * Text of others (git, tests, engines) made safe to show: colours are dropped, and every other control character that
 * could move a cursor, hide text or reverse its direction is written out. Line breaks and tabs stay.
 */
export const plainText = (text: string): string =>
  text.replaceAll(/\r+\n/g, "\n").replaceAll(ansi, "").replaceAll(control, escaped);

/** The same on one line, cut to `length` characters. */
export function plainLine(text: string, length = 200): string {
  const line = plainText(text).replaceAll(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** A time as people read it everywhere: `2026-01-31 12:00:00 UTC`. */
export const utc = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A time of day in UTC, to the millisecond: `12:00:00.000`. */
export const timeOfDay = (at: Date): string => at.toISOString().slice(11, 23);

/** Lines without blank ones and those of stack traces, which nobody needs here, also of what an application has logged. */
export const withoutStackTrace = (lines: readonly string[]): string[] =>
  lines.filter((line) => !/^\s+at /.test(line) && line.trim() !== "");
