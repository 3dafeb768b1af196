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
