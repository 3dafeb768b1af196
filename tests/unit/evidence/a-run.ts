import type { Run } from "../../../evidence/run.ts";

const minute = 60_000;

/** A promotion that came to production, with what a test wants otherwise. */
export function aRun({ finishedOn = new Date("2026-01-31T12:00:00.000Z"), ...other }: Partial<Run> = {}): Run {
  const startedOn = new Date(finishedOn.getTime() - 2 * minute);
  const committedOn = new Date(finishedOn.getTime() - 5 * minute);
  return {
    kind: "promotion",
    application: "demo",
    commit: "a".repeat(40),
    version: "1.0.0",
    subject: "Greet again",
    author: "Ann",
    committedOn,
    startedOn,
    finishedOn,
    runBy: "ann@home",
    outcome: "deployed",
    steps: [
      { number: 2, name: "unit tests", outcome: "passed", startedOn, seconds: 10 },
      {
        number: 8,
        name: "deploy to production",
        environment: "production",
        outcome: "passed",
        startedOn: new Date(finishedOn.getTime() - minute),
        seconds: 20,
      },
    ],
    changes: [committedOn],
    ...other,
  };
}
