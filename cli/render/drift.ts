import type { DriftState, EnvironmentDrift } from "../../pipeline/drift/drift.ts";
import { sentence } from "../../pipeline/drift/words.ts";
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
const next = (environment: string): string =>
  faint(`  Next: pulumi up -s ${environment} puts it right, and so does the next deployment`);

/** Where environments are not as Pulumi says, as lines for a person. */
export function driftLines(all: readonly EnvironmentDrift[]): string[] {
  return all.flatMap(({ environment, state, differences, reason, changedBy }) => [
    `${strong(environment.padEnd(11))}${colours[state](state)}`,
    ...(changedBy ? [careful(`  held by ${holderText(changedBy)}, so nobody can tell yet`)] : []),
    ...(reason ? [`  ${plainLine(reason, 300)}`] : []),
    ...differences.map((one) => `  ${sentence(one)}`),
    ...(differences.length > 0 ? [next(environment)] : []),
  ]);
}
