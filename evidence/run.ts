import { z } from "zod";

import { environments } from "../settings/environment.ts";
import { imageReference } from "../settings/release.ts";
import { EvidenceError } from "./errors.ts";
import { jsonIn, statementVersion } from "./statement.ts";

/** The predicate of a run. docs/evidence.md describes it. */
export const runPredicate = "urn:slipway:run:v1";

/** How much of a text is kept, in characters. */
export const lengths = { line: 500, detail: 200 } as const;

/** How many of them are kept. */
export const counts = { details: 6, changes: 1_000, losses: 20, decisions: 20 } as const;

const line = z.string().max(lengths.line);
const time = z.iso.datetime().transform((text) => new Date(text));
const seconds = z.number().min(0);
const environment = z.enum(environments);
const commit = z.string().regex(/^[0-9a-f]{40}$/);
const release = z.object({ commit, version: line });

const step = z.object({
  number: z.int().min(1).max(9),
  name: line,
  environment: environment.exactOptional(),
  outcome: z.enum(["passed", "skipped", "waived", "failed", "not reached"]),
  /** Absent where it was not run. */
  startedOn: time.exactOptional(),
  seconds,
  /** Why it failed. */
  reason: line.exactOptional(),
  details: z.array(z.string().max(lengths.detail)).max(counts.details).exactOptional(),
});

const schema = z.object({
  /** A promotion takes a commit through the steps, a rollback an environment to an earlier release. */
  kind: z.enum(["promotion", "rollback"]),
  application: line,
  /** What was promoted, or gone back to. */
  commit,
  /** Absent where nothing was built. */
  version: line.exactOptional(),
  images: z.record(line, imageReference).exactOptional(),
  /** The first line of the commit's message, its author's name, and since when git has it. */
  subject: line,
  author: line,
  committedOn: time,
  startedOn: time,
  finishedOn: time,
  runBy: line,
  outcome: z.enum(["deployed", "ready", "declined", "rejected", "superseded", "failed", "restored"]),
  /** The newer commit that it gave way to. */
  supersededBy: commit.exactOptional(),
  /** All nine of a promotion, in order. */
  steps: z.array(step).max(9),
  /** What production ran before a promotion changed it, or an environment before a rollback. */
  before: release.exactOptional(),
  /** When git got each commit that came to production with this one, newest first; of the first release, its own alone. */
  changes: z.array(time).max(counts.changes).exactOptional(),
  /** Whose yes or no production's change had; absent where it needed nobody's. */
  decisions: z
    .array(z.object({ decision: z.enum(["approved", "rejected"]), by: line, on: time, reason: line.exactOptional() }))
    .max(counts.decisions)
    .exactOptional(),
  /** Who changed production outside its windows or in a freeze, and why. */
  override: z.object({ by: line, reason: line }).exactOptional(),
  /** Who broke the glass for it, and why. */
  brokenGlass: z.object({ by: line, reason: line }).exactOptional(),
  /** That an environment went back, and how that ended; refused means that nothing was changed. */
  wentBack: release
    .extend({ environment, outcome: z.enum(["restored", "failed", "refused"]), seconds, reason: line.exactOptional() })
    .exactOptional(),
  /** When users of an environment saw errors, as far as the load probe saw them. */
  losses: z
    .array(z.object({ environment, sent: z.int(), failed: z.int(), from: time, to: time }))
    .max(counts.losses)
    .exactOptional(),
});

/** How one run of `promote` or `promote rollback` ended. Times are ISO 8601 when written. */
export type Run = z.output<typeof schema>;

/** One of the nine steps, as a run had it. */
export type RunStep = Run["steps"][number];

const statement = z.object({
  _type: z.literal(statementVersion),
  subject: z.tuple([z.object({ name: line, digest: z.object({ gitCommit: commit }) })]),
  predicateType: z.literal(runPredicate),
  predicate: schema,
});

/** Writes down how a run ended, as an in-toto statement about its commit. */
export function writeRun(run: Run): Buffer {
  const subject = [{ name: run.application, digest: { gitCommit: run.commit } }];
  const all = { _type: statementVersion, subject, predicateType: runPredicate, predicate: run };
  return Buffer.from(JSON.stringify(all));
}

/**
 * Reads what `writeRun` wrote.
 * @throws EvidenceError when it is something else
 */
export function readRun(payload: Buffer): Run {
  const { data, error } = statement.safeParse(jsonIn(payload));
  if (!data) {
    const [issue] = error.issues;
    throw new EvidenceError(`it is no statement of a run: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { predicate, subject } = data;
  if (subject[0].digest.gitCommit !== predicate.commit || subject[0].name !== predicate.application) {
    throw new EvidenceError("it is about another commit than it says");
  }
  return predicate;
}
