import type { ErrorCode } from "../pipeline/errors.ts";

/** What the command's exit code says. */
export const exitCodes = {
  done: 0,
  fault: 1,
  usage: 2,
  prerequisite: 3,
  declined: 4,
  locked: 5,
  superseded: 6,
  changes: 20,
  notRestored: 21,
  flawed: 22,
  drifted: 23,
  interrupted: 130,
} as const satisfies Record<ErrorCode | string, number>;

/** The code for a step that said no. */
export const stepFailed = (step: number): number => 10 + step;

/** Shown by --help. */
export const exitCodesHelp = `
Exit codes:
  0        done, or ready for production
  1        a fault of this tool
  2        wrong usage or settings
  3        something is missing: set-up, the Docker engine, disk space, a port
  4        somebody declined at the button, or rejected the release
  5        another run is at it
  6        gave way to a newer commit
  11 - 19  step 1 - 9 said no
  20       preview --exit-code found changes
  21       rollback did not get there
  22       evidence that does not count was found
  23       drift found an environment that is not as Pulumi says
  130      interrupted`;
