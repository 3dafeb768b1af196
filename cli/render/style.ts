import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Styles text for standard error; plain where that is no terminal, or NO_COLOR is set. */
const style = (format: Format, text: string): string =>
  styleText(format, text, { stream: process.stderr, validateStream: true });

export const good = (text: string): string => style("green", text);
export const bad = (text: string): string => style("red", text);
export const careful = (text: string): string => style("yellow", text);
export const strong = (text: string): string => style("bold", text);
export const faint = (text: string): string => style("dim", text);

/** `0.4 s`, `12 s`, `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
