/** Something that somebody did, or was not let do. */
export interface Deed {
  who: string;
  /** From which address. */
  from: string;
  did: "log in" | "log out" | "approve" | "reject" | "deliver" | "roll back";
  /** What about it: a commit, with the environment that is to go back to it. */
  on?: string;
  outcome: "done" | "refused" | "failed";
  /** Why it was refused, or what for it was done. */
  reason?: string;
}

export type Audit = (deed: Deed) => void;

/** Writes a line of JSON for each deed to standard error, as services log. JSON writes control characters out by itself. */
export const toStandardError: Audit = (deed) =>
  void process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...deed })}\n`);
