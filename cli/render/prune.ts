import { plainLine, utc } from "../../pipeline/plain-text.ts";
import type { PruneResult } from "../../pipeline/prune.ts";
import type { PrunePlan } from "../../pipeline/prune-plan.ts";
import type { StoredRelease } from "../../pipeline/retention.ts";
import { short } from "../../settings/release.ts";
import { bad, careful, faint, good, strong } from "./style.ts";

const line = (mark: string, { application, commit, builtOn }: StoredRelease, why: string): string =>
  [
    `  ${mark}`,
    `${plainLine(application, 40)} ${short(commit)}`,
    faint(builtOn ? `built ${utc(builtOn)}` : "built nobody knows when"),
    plainLine(why, 300),
  ]
    .join("  ")
    .trimEnd();

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** What a prune would do, as lines for a person. */
export function planLines({ goes, stays, orphans, policy }: PrunePlan): string[] {
  const { keepReleases, keepDays } = policy;
  const what = goes.length > 0 ? count(goes.length, "release") : "No release";
  return [
    strong(`${what} would go, ${count(stays.length, "release")} stay${stays.length === 1 ? "s" : ""}:`),
    ...stays.map((release) => line(good("keep  "), release, release.reasons.join("; "))),
    ...goes.map((release) => line(bad("remove"), release, "")),
    ...(orphans.length > 0
      ? [`  An earlier prune left evidence of ${count(orphans.length, "image")}, which goes, too.`]
      : []),
    faint(`  slipway:keepReleases is ${keepReleases} and slipway:keepDays ${keepDays} in Pulumi.delivery.yaml.`),
  ];
}

/** Bytes as people read them. */
export function size(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const number = bytes / 1024 ** power;
  return `${power === 0 ? number : number.toPrecision(3)} ${units[power]}`;
}

function spaceLine({ space }: PruneResult): string {
  if (!space)
    return "  The registry is not this installation's own; freeing its space is its own job (its garbage collection).";
  const { before, after } = space;
  return `  The registry's space: ${size(before)} → ${size(after)}, ${size(Math.max(before - after, 0))} freed.`;
}

/** What a prune did, as lines for a person. */
export function prunedLines(result: PruneResult): string[] {
  const { removed, spared, local } = result;
  return [
    strong(`Removed ${count(removed.length, "release")}.`),
    ...spared.map((release) => careful(`  ${short(release.commit)} stays, since a run has begun to use it.`)),
    ...(local.length > 0 ? [`  Removed ${count(local.length, "image")} from this machine's engine, too.`] : []),
    spaceLine(result),
  ];
}
