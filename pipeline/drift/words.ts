import { plainLine } from "../plain-text.ts";
import type { Difference } from "./compare.ts";

/** A value on one line, its digests cut as people read them. */
const value = (text: string | undefined): string =>
  text === undefined ? "none" : plainLine(text.replaceAll(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1"), 100);

const whole: Partial<Record<Difference["kind"], string>> = {
  missing: "is not there",
  added: "is there, and Pulumi did not make it",
  "made again": "was removed, and another of its name was made, not by Pulumi",
};

/** One difference in words, on one line that is safe to show. */
export function sentence({ kind, what, setting, expected, found, rolledBack }: Difference): string {
  const thing = plainLine(what, 150);
  if (setting === undefined) return `${thing} ${whole[kind] ?? "differs"}`;
  const itself = rolledBack ? "; Swarm rolled its last update back" : "";
  return `${thing}: ${plainLine(setting, 150)} found ${value(found)}, expected ${value(expected)}${itself}`;
}
