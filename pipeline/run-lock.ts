import { link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

import { generated } from "../settings/project.ts";
import { InterruptedError, LockedError } from "./errors.ts";
import { isPresent, keepTouching, present } from "./presence.ts";

const schema = z.object({ pid: z.number(), space: z.string().optional(), since: z.coerce.date(), what: z.string() });
type Holder = z.output<typeof schema>;

/** The file of each run, by which others know of it. */
const runFile = /^run-\d+-\d+\.json$/;
const aloneFile = "alone.lock";
const look = 250;
const settle = 50;
let runs = 0;
let drafts = 0;

const folderOfRuns = (): string => generated("run");

/** Who holds a file, if that process lives. */
async function living(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  try {
    const holder = schema.parse(JSON.parse(text));
    return isPresent(holder, holder.since, (await stat(file)).mtime) ? holder : undefined;
  } catch {
    return undefined;
  }
}

const isThereAlready = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "EEXIST";

/** Makes the file, whole from the first moment, unless there is one. */
async function take(file: string, what: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${drafts++}`;
  await writeFile(draft, JSON.stringify({ ...present(), since: new Date(), what }), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (isThereAlready(error)) return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

const fileAt = async (file: string): Promise<number | undefined> => (await stat(file).catch(() => undefined))?.ino;

/** Takes a file that nobody has, or whose process is dead; returns who has it where that fails. */
async function takeOver(file: string, what: string): Promise<Holder | undefined> {
  if (await take(file, what)) return undefined;
  const holder = await living(file);
  if (holder) return holder;
  await rm(file, { force: true });
  const starting: Holder = { pid: 0, since: new Date(), what: "a run that has just started" };
  if (!(await take(file, what))) return (await living(file)) ?? starting;
  // Two who found the same dead one may both have removed it, the later one what the earlier had made by then.
  const own = await fileAt(file);
  await sleep(settle);
  return (await fileAt(file)) === own ? undefined : ((await living(file)) ?? starting);
}

function locked({ pid, since, what }: Holder): LockedError {
  const message = `Another run is at it: "${what}", process ${pid}, since ${since.toISOString()}`;
  return new LockedError(message, { next: `Wait until it ends (or end it with: kill ${pid}), then type this again.` });
}

/** The other runs of this clone; what dead ones left is removed. */
async function othersIn(folder: string, own?: string): Promise<Holder[]> {
  const names = (await readdir(folder)).filter((name) => runFile.test(name) && name !== own);
  const found = await Promise.all(
    names.map(async (name) => {
      const holder = await living(join(folder, name));
      if (!holder) await rm(join(folder, name), { force: true });
      return holder ? [holder] : [];
    }),
  );
  return found.flat();
}

/** Keeps a file as this process's own until it is called. */
function giveBack(file: string): () => Promise<void> {
  const rest = keepTouching(file);
  return () => {
    rest();
    return rm(file, { force: true });
  };
}

/**
 * Does something that other runs of this clone may do at the same time, but not while one of them has to be alone.
 * @throws LockedError naming the one that is alone
 */
export async function together<Result>(
  what: string,
  action: () => Promise<Result>,
  folder = folderOfRuns(),
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `run-${process.pid}-${runs++}.json`);
  await takeOver(file, what);
  const end = giveBack(file);
  try {
    const alone = await living(join(folder, aloneFile));
    if (alone) throw locked(alone);
    return await action();
  } finally {
    await end();
  }
}

/**
 * Does something that no other run of this clone may be beside. What a killed run left behind does not count.
 * @throws LockedError naming the other run
 */
export async function alone<Result>(
  what: string,
  action: () => Promise<Result>,
  folder = folderOfRuns(),
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, aloneFile);
  const holder = await takeOver(file, what);
  if (holder) throw locked(holder);
  const end = giveBack(file);
  try {
    const [other] = await othersIn(folder);
    if (other) throw locked(other);
    return await action();
  } finally {
    await end();
  }
}

export interface Turn {
  /** What is done, as those who wait are told. */
  what: string;
  signal: AbortSignal;
  /** Told once who is waited for. */
  onWait?: (text: string) => void;
}

/**
 * Waits until no other run of this clone does what has this name, and takes it.
 * @param name letters, digits and hyphens
 * @returns gives it to the next one
 * @throws InterruptedError when the signal is aborted meanwhile
 */
export async function turn(
  name: string,
  { what, signal, onWait }: Turn,
  folder = folderOfRuns(),
): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.lock`);
  for (let told = false; ; told = true) {
    if (signal.aborted) throw new InterruptedError();
    const holder = await takeOver(file, what);
    if (!holder) return giveBack(file);
    if (!told) onWait?.(`Waiting for "${holder.what}", process ${holder.pid}`);
    await sleep(look);
  }
}

/** Does something once no other run of this clone does what has this name. */
export async function inTurn<Result>(
  name: string,
  { folder, ...options }: Turn & { folder?: string },
  action: () => Promise<Result>,
): Promise<Result> {
  const end = await turn(name, options, folder);
  try {
    return await action();
  } finally {
    await end();
  }
}
