import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

import { generated } from "../settings/project.ts";
import { LockedError } from "./errors.ts";
import { stillRuns } from "./processes.ts";

const schema = z.object({ pid: z.number(), since: z.coerce.date(), what: z.string() });
type Holder = z.output<typeof schema>;

async function holderOf(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function take(file: string, what: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(JSON.stringify({ pid: process.pid, since: new Date(), what }));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function locked({ pid, since, what }: Holder): LockedError {
  const message = `Another run is at it: "${what}", process ${pid}, since ${since.toISOString()}`;
  return new LockedError(message, { next: `Wait until it ends (or end it with: kill ${pid}), then type this again.` });
}

/**
 * Keeps two runs of this clone from changing environments at once. What a killed run left behind does not count.
 * @throws LockedError naming the other run
 */
export async function alone<Result>(
  what: string,
  action: () => Promise<Result>,
  folder = generated("run"),
): Promise<Result> {
  const file = join(folder, "promote.lock");
  await mkdir(folder, { recursive: true });
  if (!(await take(file, what))) {
    const holder = await holderOf(file);
    if (holder && stillRuns(holder.pid, holder.since)) throw locked(holder);
    await rm(file, { force: true });
    if (!(await take(file, what))) throw new LockedError("Another run has just started", { next: "Type this again." });
  }
  try {
    return await action();
  } finally {
    await rm(file, { force: true });
  }
}
