import { appendFileSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

import { type EnvironmentName, environments } from "../settings/environment.ts";
import { generated } from "../settings/project.ts";
import type { Progress } from "./events.ts";
import { isPresent, keepTouching, type Presence, present } from "./presence.ts";
import { loadFigures } from "./probe/figures.ts";
import type { PromotionOutcome } from "./promotion-result.ts";

/**
 * The folder in which each commit has a file of how its last run here goes on, and each environment one of how it was last taken
 * back from here, for whoever follows it.
 */
export const progressFolder = (): string => generated("progress");

/** How many commits' files are kept. */
const kept = 100;

const at = z.iso.datetime().transform((text) => new Date(text));
const step = z.object({
  number: z.number(),
  name: z.string(),
  environment: z.enum(environments).exactOptional(),
});
const endedStep = step.extend({
  outcome: z.enum(["passed", "skipped", "waived", "failed", "not reached"]),
  seconds: z.number(),
  reason: z.string().exactOptional(),
  details: z.array(z.string()).exactOptional(),
  next: z.string().exactOptional(),
  log: z.string().exactOptional(),
  probe: loadFigures.exactOptional(),
  provedBefore: z
    .object({ evidence: z.string(), on: at.exactOptional(), signer: z.string().exactOptional() })
    .exactOptional(),
});
const promoted = ["ready", "deployed", "declined", "rejected", "superseded", "failed"] as const;
const outcomes = [...promoted, "restored", "refused", "stopped"] as const;

const line = z.discriminatedUnion("type", [
  z.object({
    at,
    type: z.literal("run-started"),
    commit: z.string(),
    environment: z.enum(environments).exactOptional(),
    pid: z.number(),
    space: z.string().exactOptional(),
  }),
  z.object({ at, type: z.literal("run-ended"), outcome: z.enum(outcomes), reason: z.string().exactOptional() }),
  z.object({ at, type: z.literal("step-started"), step, log: z.string().exactOptional() }),
  z.object({ at, type: z.literal("step-ended"), step: endedStep }),
  z.object({ at, type: z.literal("note"), text: z.string() }),
  z.object({ at, type: z.literal("detail"), text: z.string() }),
  z.object({ at, type: z.literal("preparation-started"), name: z.string() }),
]);
type Line = z.output<typeof line>;

/** A step of a run that is followed. */
export type FollowedStep = Omit<z.output<typeof endedStep>, "outcome" | "seconds"> & {
  outcome: z.output<typeof endedStep>["outcome"] | "running";
  startedOn: Date;
  /** Absent while it runs. */
  seconds?: number;
};

/** What runs: a commit's promotion, or an environment's going back to it. */
export interface Followed {
  commit: string;
  /** Present where that goes back. */
  environment?: EnvironmentName;
}

/** How the last run of something from this clone goes, or went. */
export interface FollowedRun extends Followed {
  startedOn: Date;
  /** Absent while it runs; stopped is what ended without a verdict. */
  outcome?: PromotionOutcome | "restored" | "refused" | "stopped";
  endedOn?: Date;
  /** Why it was stopped, or did not go back. */
  reason?: string;
  /** Those that began, in order. */
  steps: FollowedStep[];
  /** What somebody should know, oldest first. */
  notes: string[];
  /** The last line of what the step that runs tells. */
  doing?: string;
}

const fileOf = (folder: string, { commit, environment }: Followed): string =>
  join(folder, `${environment ? `rollback-${environment}` : commit}.jsonl`);

const text = (content: object): string => `${JSON.stringify({ at: new Date(), ...content })}\n`;

const begin = async (file: string, { commit, environment }: Followed, who: Presence): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const of = { commit, ...(environment ? { environment } : {}) };
  await writeFile(file, text({ type: "run-started", ...of, ...who }), { mode: 0o600 });
};

/**
 * Says that a process is about to run something, which it tells itself once it has come so far. What another one that runs it now
 * tells is left alone.
 */
export async function announce(what: Followed, who: Presence, folder: string = progressFolder()): Promise<void> {
  const file = fileOf(folder, what);
  const before = await readFollowed(file);
  if (!before || before.outcome) await begin(file, what, who).catch(() => {});
}

async function prune(folder: string): Promise<void> {
  const names = await namesOf(folder, ofCommits);
  if (names.length <= kept) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = aged.toSorted((one, other) => other.at - one.at).slice(kept);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}

/** How something that is followed ended; nothing where it was declined. */
interface End {
  outcome: (typeof outcomes)[number];
  reason?: string;
}

/**
 * Does a run that is told as ever, and also written line by line to its file. That the file cannot be written stops no run.
 */
export async function followable<Result extends End | undefined>(
  what: Followed,
  progress: Progress,
  run: (progress: Progress) => Promise<Result>,
  folder: string = progressFolder(),
): Promise<Result> {
  const file = fileOf(folder, what);
  await prune(folder).catch(() => {});
  await begin(file, what, present()).catch(() => {});
  const rest = keepTouching(file);
  const end = (content: object): Promise<void> =>
    appendFile(file, text({ type: "run-ended", ...content })).catch(() => {});
  const told: Progress = (event) => {
    try {
      appendFileSync(file, text(event));
    } catch {
      // Whoever follows sees less; the run itself is shown where it runs.
    }
    progress(event);
  };
  try {
    const result = await run(told);
    const { outcome, reason } = result ?? { outcome: "declined" };
    await end({ outcome, ...(reason === undefined ? {} : { reason }) });
    return result;
  } catch (error) {
    await end({ outcome: "stopped", reason: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    rest();
  }
}

function lineIn(text: string): Line[] {
  try {
    const { data } = line.safeParse(JSON.parse(text));
    return data ? [data] : [];
  } catch {
    // A line that is being written, or that a later version wrote.
    return [];
  }
}

const lastNotes = 20;

function taken(run: FollowedRun, one: Line): FollowedRun {
  if (one.type === "note") return { ...run, notes: [...run.notes, one.text].slice(-lastNotes) };
  if (one.type === "detail") return { ...run, doing: one.text };
  if (one.type === "preparation-started") return { ...run, doing: one.name };
  if (one.type === "run-ended") {
    const { outcome, reason } = one;
    return { ...run, outcome, endedOn: one.at, ...(reason === undefined ? {} : { reason }) };
  }
  if (one.type === "run-started") return run;
  const others = run.steps.filter(({ number }) => number !== one.step.number);
  const before = run.steps.find(({ number }) => number === one.step.number);
  const startedOn = before?.startedOn ?? one.at;
  const now: FollowedStep =
    one.type === "step-ended"
      ? { ...one.step, startedOn }
      : { ...one.step, startedOn, outcome: "running", ...(one.log === undefined ? {} : { log: one.log }) };
  const { doing: _, ...rest } = run;
  return { ...rest, steps: [...others, now] };
}

/**
 * Reads what `followable` wrote; a run whose process is gone without a word was stopped. Undefined when it is something else.
 * @param runs whether the process that said so then still runs
 */
export function followedIn(text: string, runs: (who: Presence, since: Date) => boolean): FollowedRun | undefined {
  const [first, ...lines] = text.split("\n").flatMap(lineIn);
  if (first?.type !== "run-started") return undefined;
  const { commit, environment, at: startedOn } = first;
  const what: Followed = { commit, ...(environment ? { environment } : {}) };
  const run = lines.reduce(taken, { ...what, startedOn, steps: [], notes: [] });
  if (run.outcome || runs(first, startedOn)) return run;
  return {
    ...run,
    outcome: "stopped",
    endedOn: lines.at(-1)?.at ?? startedOn,
    reason: "its process ended without a word",
  };
}

const ofCommits = /^[0-9a-f]{40}\.jsonl$/;
const ofRollbacks = /^rollback-[a-z]+\.jsonl$/;

const namesOf = async (folder: string, pattern: RegExp): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => pattern.test(name));

/** Runs that ended, by their files, with when and how large those were: they are not read again as long as they stay so. */
const ended = new Map<string, { stamp: string; run: FollowedRun }>();

async function readFollowed(file: string): Promise<FollowedRun | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return undefined;
  const stamp = `${found.mtimeMs} ${found.size}`;
  const known = ended.get(file);
  if (known?.stamp === stamp) return known.run;
  const runs = (who: Presence, since: Date): boolean => isPresent(who, since, found.mtime);
  const run = followedIn(await readFile(file, "utf8").catch(() => ""), runs);
  ended.delete(file);
  if (run?.outcome) ended.set(file, { stamp, run });
  return run;
}

async function followed(folder: string, pattern: RegExp): Promise<FollowedRun[]> {
  const names = await namesOf(folder, pattern);
  const runs = await Promise.all(names.map((name) => readFollowed(join(folder, name))));
  return runs.flatMap((run) => run ?? []).toSorted((one, other) => other.startedOn.getTime() - one.startedOn.getTime());
}

/** How the last run of each commit from this clone goes, or went, newest first. */
export const followedRuns = (folder: string = progressFolder()): Promise<FollowedRun[]> => followed(folder, ofCommits);

/** How each environment is taken back from this clone, or was last. */
export const followedRollbacks = (folder: string = progressFolder()): Promise<FollowedRun[]> =>
  followed(folder, ofRollbacks);
