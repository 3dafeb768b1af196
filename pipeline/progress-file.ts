import { appendFileSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

import { environments } from "../settings/environment.ts";
import { generated } from "../settings/project.ts";
import type { Progress } from "./events.ts";
import { stillRuns } from "./processes.ts";
import type { PromotionOutcome, PromotionResult } from "./promotion-result.ts";

/** The folder in which each commit has a file of how its last run here goes on, for whoever follows it. */
export const progressFolder = (): string => generated("progress");

/** How many commits' files are kept. */
const kept = 100;

const step = z.object({
  number: z.number(),
  name: z.string(),
  environment: z.enum(environments).exactOptional(),
});
const ended = step.extend({
  outcome: z.enum(["passed", "skipped", "waived", "failed", "not reached"]),
  seconds: z.number(),
  reason: z.string().exactOptional(),
  details: z.array(z.string()).exactOptional(),
  next: z.string().exactOptional(),
});
const outcomes = ["ready", "deployed", "declined", "rejected", "superseded", "failed", "stopped"] as const;

const at = z.iso.datetime().transform((text) => new Date(text));
const line = z.discriminatedUnion("type", [
  z.object({ at, type: z.literal("run-started"), commit: z.string(), pid: z.number() }),
  z.object({ at, type: z.literal("run-ended"), outcome: z.enum(outcomes), reason: z.string().exactOptional() }),
  z.object({ at, type: z.literal("step-started"), step }),
  z.object({ at, type: z.literal("step-ended"), step: ended }),
  z.object({ at, type: z.literal("note"), text: z.string() }),
  z.object({ at, type: z.literal("detail"), text: z.string() }),
]);
type Line = z.output<typeof line>;

/** A step of a run that is followed. */
export type FollowedStep = Omit<z.output<typeof ended>, "outcome" | "seconds"> & {
  outcome: z.output<typeof ended>["outcome"] | "running";
  startedOn: Date;
  /** Absent while it runs. */
  seconds?: number;
};

/** How the last run of a commit from this clone goes, or went. */
export interface FollowedRun {
  commit: string;
  startedOn: Date;
  /** Absent while it runs; stopped is what ended without a verdict. */
  outcome?: PromotionOutcome | "stopped";
  endedOn?: Date;
  /** Why it was stopped. */
  reason?: string;
  /** Those that began, in order. */
  steps: FollowedStep[];
  /** What somebody should know, oldest first. */
  notes: string[];
  /** The last line of what the step that runs tells. */
  doing?: string;
}

const fileOf = (folder: string, commit: string): string => join(folder, `${commit}.jsonl`);

const text = (content: object): string => `${JSON.stringify({ at: new Date(), ...content })}\n`;

const begin = async (file: string, commit: string, pid: number): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, text({ type: "run-started", commit, pid }), { mode: 0o600 });
};

/**
 * Says that a process is about to run a commit, which it tells itself once it has come so far. What another one that runs it now
 * tells is left alone.
 */
export async function announce(commit: string, pid: number, folder: string = progressFolder()): Promise<void> {
  const running = (await followedRuns(folder)).some((run) => run.commit === commit && !run.outcome);
  if (!running) await begin(fileOf(folder, commit), commit, pid).catch(() => {});
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
  if (names.length <= kept) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = aged.toSorted((one, other) => other.at - one.at).slice(kept);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}

/**
 * Does a run that is told as ever, and also written line by line to the commit's file. That the file cannot be written stops
 * no run.
 */
export async function followable(
  commit: string,
  progress: Progress,
  run: (progress: Progress) => Promise<PromotionResult>,
  folder: string = progressFolder(),
): Promise<PromotionResult> {
  const file = fileOf(folder, commit);
  await prune(folder).catch(() => {});
  await begin(file, commit, process.pid).catch(() => {});
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
    await end({ outcome: result.outcome });
    return result;
  } catch (error) {
    await end({ outcome: "stopped", reason: error instanceof Error ? error.message : String(error) });
    throw error;
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
  if (one.type === "run-ended") {
    const { outcome, reason } = one;
    return { ...run, outcome, endedOn: one.at, ...(reason === undefined ? {} : { reason }) };
  }
  if (one.type === "run-started") return run;
  const others = run.steps.filter(({ number }) => number !== one.step.number);
  const before = run.steps.find(({ number }) => number === one.step.number);
  const startedOn = before?.startedOn ?? one.at;
  const now: FollowedStep =
    one.type === "step-ended" ? one.step && { ...one.step, startedOn } : { ...one.step, startedOn, outcome: "running" };
  const { doing: _, ...rest } = run;
  return { ...rest, steps: [...others, now] };
}

/** Reads what `followable` wrote; a run whose process is gone without a word was stopped. Undefined when it is something else. */
export function followedIn(text: string, runs: typeof stillRuns = stillRuns): FollowedRun | undefined {
  const [first, ...lines] = text.split("\n").flatMap(lineIn);
  if (first?.type !== "run-started") return undefined;
  const { commit, pid, at: startedOn } = first;
  const run = lines.reduce(taken, { commit, startedOn, steps: [], notes: [] });
  if (run.outcome || runs(pid, startedOn)) return run;
  return {
    ...run,
    outcome: "stopped",
    endedOn: lines.at(-1)?.at ?? startedOn,
    reason: "its process ended without a word",
  };
}

/** How the last run of each commit from this clone goes, or went, newest first. */
export async function followedRuns(folder: string = progressFolder()): Promise<FollowedRun[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{40}\.jsonl$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  return texts
    .flatMap((text) => followedIn(text) ?? [])
    .toSorted((one, other) => other.startedOn.getTime() - one.startedOn.getTime());
}
