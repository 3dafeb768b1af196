/** Nanoseconds in each unit of Go's durations. */
const nanoseconds: Record<string, number> = {
  ns: 1,
  us: 1e3,
  "\u00b5s": 1e3,
  "\u03bcs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const part = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;

/**
 * Reads a duration as Go writes it, such as `1m30s`.
 * @returns nanoseconds; undefined when it is none, or less than none
 */
export function parseDuration(text: string): number | undefined {
  const rest = text.replace(/^\+/, "");
  if (rest === "0") return 0;
  const parts = [...rest.matchAll(part)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== rest) return undefined;
  return Math.round(parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (nanoseconds[unit] ?? 0), 0));
}

const below: readonly [unit: string, size: number][] = [
  ["ms", 1e6],
  ["\u00b5s", 1e3],
  ["ns", 1],
];

/**
 * A duration as the docker plugin reads it back, `1h30m` and `1m30s`: any other way of saying it looks like a change to it.
 * @param length nanoseconds
 */
export function durationText(length: number): string {
  if (length === 0) return "0s";
  if (length < 1e9) {
    const [unit, size] = below.find(([, least]) => length >= least) ?? ["ns", 1];
    return `${length / size}${unit}`;
  }
  const [hours, minutes] = [Math.floor(length / 3600e9), Math.floor((length % 3600e9) / 60e9)];
  const seconds = (length % 60e9) / 1e9;
  const rest = seconds === 0 ? "" : `${seconds}s`;
  if (hours > 0) return `${hours}h${minutes === 0 && rest === "" ? "" : `${minutes}m`}${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

const binary = " kmgtp";

/**
 * Reads a size as Docker does, in units of 1024: `64M`, `64mb`, `1.5GiB`.
 * @returns bytes; undefined when it is none
 */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text);
  if (!match) return undefined;
  return Math.trunc(Number(match[1]) * 1024 ** binary.indexOf((match[2] ?? " ").toLowerCase()));
}

/**
 * Reads a number of processors, such as `0.5`.
 * @returns thousand-millionths of one; undefined when it is none
 */
export function parseCpus(text: string): number | undefined {
  const match = /^(\d*)(?:\.(\d{0,9})0*)?$/.exec(text);
  if (!match || text === "" || text === ".") return undefined;
  return Number(match[1]) * 1e9 + Number((match[2] ?? "").padEnd(9, "0"));
}
