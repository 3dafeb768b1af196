import type { Change, EnvironmentDiff } from "../../pipeline/diff.ts";
import { plainLine } from "../../pipeline/plain-text.ts";
import type { Release } from "../../settings/release.ts";
import { releaseName } from "../../settings/release-name.ts";
import { bad, careful, faint, good, strong } from "./style.ts";

const marks: Record<Change["kind"], string> = {
  replace: bad("± replace"),
  delete: bad("- delete "),
  update: careful("~ update "),
  create: good("+ create "),
};

const named = (release: Release | undefined): string => (release ? releaseName(release) : "nothing");

/** One change, as lines for a person. */
export const changeLines = ({ kind, what, details }: Change): string[] => [
  `  ${marks[kind]} ${plainLine(what)}`,
  ...details.map((detail) => `      ${faint(plainLine(detail, 300))}`),
];

const count = (changes: readonly Change[]): string => {
  const kinds: Change["kind"][] = ["replace", "delete", "update", "create"];
  const counts = kinds.map((kind) => [kind, changes.filter((change) => change.kind === kind).length] as const);
  return counts.flatMap(([kind, number]) => (number > 0 ? [`${number} to ${kind}`] : [])).join(", ");
};

/** What no later command can take back. */
const migrationLines = ({ from, to, irreversible, notUndone }: EnvironmentDiff): string[] => [
  ...irreversible.map((file) =>
    bad(`  ! irreversible  ${plainLine(file)}: once it has run, ${named(from)} cannot be gone back to`),
  ),
  ...notUndone.map((file) =>
    bad(`  ! not undone    ${plainLine(file)}: it has run here and is irreversible; ${named(to)} may not bear it`),
  ),
];

/** What would change in an environment, as lines for a person. */
export function diffLines(diff: EnvironmentDiff): string[] {
  const { environment, exists, from, to, changes } = diff;
  if (!exists) {
    const release = to ? named(to) : "no release in it, since nothing was built yet";
    return [`${strong(environment)} does not exist yet: all of it would be made, with ${release}.`];
  }
  const same = from?.commit === to?.commit;
  const head = `${strong(environment)}: ${same ? named(to) : `${named(from)} → ${named(to)}`}`;
  if (changes.length === 0) return [head, "  No change."];
  return [head, ...migrationLines(diff), ...changes.flatMap(changeLines), `  ${count(changes)}.`];
}
