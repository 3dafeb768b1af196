import type { Difference } from "../../pipeline/drift/compare.ts";
import type { DriftState, EnvironmentDrift } from "../../pipeline/drift/drift.ts";
import { isMendedByPulumi, sentence } from "../../pipeline/drift/words.ts";
import { holderText } from "../../pipeline/leasing.ts";
import { plainLine } from "../../pipeline/plain-text.ts";
import { bad, careful, faint, good, strong } from "./style.ts";

const colours: Record<DriftState, (text: string) => string> = {
  "as it should be": good,
  drifted: bad,
  changing: careful,
  unreachable: bad,
  "not created": faint,
};

/** How to put it right. */
function nextLines(environment: string, differences: readonly Difference[]): string[] {
  const byPulumi = differences.some(isMendedByPulumi);
  const byHand = !differences.every(isMendedByPulumi);
  const rest = byPulumi ? "The rest" : "This";
  return [
    ...(byPulumi
      ? [
          `Next: pulumi up -s ${environment} puts ${byHand ? "what Pulumi made" : "it"} right, and so does the next deployment`,
        ]
      : []),
    ...(byHand ? [`${rest} is for you: docker -H "$(pulumi stack output engine -s ${environment})" …`] : []),
  ].map((line) => faint(`  ${line}`));
}

/** Where environments are not as Pulumi says, as lines for a person. */
export function driftLines(all: readonly EnvironmentDrift[]): string[] {
  return all.flatMap(({ environment, state, differences, reason, changedBy }) => [
    `${strong(environment.padEnd(11))}${colours[state](state)}`,
    ...(changedBy ? [careful(`  held by ${holderText(changedBy)}, so nobody can tell yet`)] : []),
    ...(reason ? [`  ${plainLine(reason, 300)}`] : []),
    ...differences.map((one) => `  ${sentence(one)}`),
    ...nextLines(environment, differences),
  ]);
}
