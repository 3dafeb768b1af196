import { describe, test } from "vitest";

/** Whether what takes minutes is run, too. */
export const long = process.env.SLIPWAY_LONG_TESTS !== undefined;

const leftOut = (what: string): string => `${what}: takes long, run with npm test -- --long`;

/** A test that takes long; left out, with the reason, unless they are asked for. */
export function longTest(title: string, action: () => void | Promise<void>): void {
  if (long) test(title, action);
  else leaveOut(title);
}

/** The same of several tests. */
export function longTests(title: string, action: () => void): void {
  if (long) describe(title, action);
  else leaveOut(title);
}

/** Says that something is left out since it takes long. */
export const leaveOut = (what: string): void => test.skip(leftOut(what), () => {});
