import { z } from "zod";

import type { Evidence } from "../evidence/of-release.ts";
import { loadFigures } from "../pipeline/probe/figures.ts";

const names = z.array(z.string()).default([]);
const schema = z.object({
  /** Who decided, where it is something that people decide. */
  approver: z.string().optional(),
  decision: z.string().optional(),
  reason: z.string().optional(),
  passedTests: names,
  skippedTests: names,
  failedTests: names,
  probe: loadFigures.optional(),
});

/** What a piece of evidence shows beside that a step passed. */
export type Shown = z.output<typeof schema>;

/** The tests and the probe's figures that a piece of evidence tells; none where it is of something else. */
export function shownBy({ statement }: Evidence): Shown {
  const none = { passedTests: [], skippedTests: [], failedTests: [] };
  return schema.safeParse(statement?.predicate).data ?? none;
}

/** How many seconds the step took that a piece of evidence is of. */
export const secondsOf = ({ startedOn, finishedOn }: Evidence): number | undefined =>
  startedOn && finishedOn ? (finishedOn.getTime() - startedOn.getTime()) / 1_000 : undefined;
