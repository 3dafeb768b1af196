import type { Report } from "../report.ts";

/** What was found, and where. */
export interface Found {
  where: string;
  version: string;
}

/** What installing would change on the machine, for somebody who decides about it. */
export interface Change {
  what: string;
  where: string;
}

/** Something that the machine must have. */
export interface Need {
  name: string;
  /** Looks and changes nothing. Fast when it is there. */
  find(): Promise<Found | undefined>;
  /** What installing would do. Throws a SetupError where it cannot be done here, saying what a person can do. */
  missing(): Promise<readonly Change[]>;
  install(report: Report): Promise<void>;
  /** How a person gets it without this set-up. */
  byHand: string;
}
