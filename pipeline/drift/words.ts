import { plainLine } from "../plain-text.ts";
import type { Difference } from "./compare.ts";

/** What there is none of where nothing is set, rather than a default. */
const listed: readonly Difference["kind"][] = [
  "environment",
  "config",
  "secret",
  "mount",
  "port",
  "network",
  "label",
  "placement",
];

/** A value on one line, its digests cut as people read them. */
function value(kind: Difference["kind"], text: string | undefined): string {
  if (text === undefined) return listed.includes(kind) ? "none" : "the default";
  if (text === "") return "an empty one";
  return plainLine(text.replaceAll(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1"), 100);
}

/**
 * Whether an update by Pulumi puts it right. It leaves alone what it does not know, and has no say in where Swarm may run tasks; a
 * service it knows by its name, and what else was made again it cannot make a second time.
 */
export function isMendedByPulumi({ kind, what, setting }: Difference): boolean {
  if (kind === "made again") return what.startsWith("service ");
  return kind !== "added" && setting !== "availability";
}

const whole: Partial<Record<Difference["kind"], string>> = {
  missing: "is not there",
  added: "is there, and Pulumi did not make it",
  "made again": "was removed, and another of its name was made, not by Pulumi",
};

/** One difference in words, on one line that is safe to show. */
export function sentence({ kind, what, setting, expected, found, rolledBack }: Difference): string {
  const thing = plainLine(what, 150);
  if (setting === undefined) return `${thing} ${whole[kind] ?? "differs"}`;
  const back = rolledBack ? "; Swarm rolled its last update back" : "";
  return `${thing}: ${plainLine(setting, 150)} found ${value(kind, found)}, expected ${value(kind, expected)}${back}`;
}
