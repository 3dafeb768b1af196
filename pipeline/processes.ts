import { readdirSync, readFileSync } from "node:fs";

interface ProcessEntry {
  pid: number;
  parent: number;
  state: string;
  /** Ticks between the machine's start and the process's. */
  started: number;
}

const ticksPerSecond = 100;

function entry(pid: number): ProcessEntry | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces; everything after the last one is plain numbers.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid, state: fields[0] ?? "", parent: Number(fields[1]), started: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

function allProcesses(): ProcessEntry[] {
  try {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.map((pid) => entry(Number(pid))).filter((found) => found !== undefined);
  } catch {
    return [];
  }
}

/** The processes that `pid` started, and theirs. Knows none where there is no /proc. */
export function descendants(pid: number): number[] {
  const all = allProcesses();
  const below = (parent: number): number[] =>
    all.filter((process) => process.parent === parent).flatMap((process) => [process.pid, ...below(process.pid)]);
  return below(pid);
}

/** Sends a signal; a process that is already gone is no error. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function startOf(found: ProcessEntry): number {
  const bootTime = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1];
  return (Number(bootTime) + found.started / ticksPerSecond) * 1_000;
}

/**
 * Whether the process that had this id at that time still runs: not a later one that was given the same number, and
 * not one that is dead but not yet reaped.
 */
export function stillRuns(pid: number, at: Date): boolean {
  if (!exists(pid)) return false;
  const found = entry(pid);
  if (!found) return true;
  const slack = 5_000;
  return found.state !== "Z" && startOf(found) <= at.getTime() + slack;
}
