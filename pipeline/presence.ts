import { readlinkSync } from "node:fs";
import { utimes } from "node:fs/promises";

import { stillRuns } from "./processes.ts";

/** Which process does something, as it says in a file that others read. */
export interface Presence {
  pid: number;
  /** Where it has that number: a container numbers its processes by itself. Absent where the system does not tell. */
  space?: string | undefined;
}

/** How often a file is touched, and for how long it may not be until its process counts as gone, in milliseconds. */
const times = { beat: 5_000, silence: 30_000 } as const;

const ownSpace = ((): string | undefined => {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
})();

/** This process, or one that it has started, as others are told of it. */
export const present = (pid: number = process.pid): Presence => ({ pid, ...(ownSpace ? { space: ownSpace } : {}) });

/**
 * Whether a process that said so then still runs. One that cannot be looked for here is known by its file, which it touches.
 * @param touched when that was last
 */
export function isPresent({ pid, space }: Presence, since: Date, touched: Date): boolean {
  if (space === undefined || space === ownSpace) return stillRuns(pid, since);
  return Date.now() - touched.getTime() < times.silence;
}

/** Touches a file from time to time. @returns ends that */
export function keepTouching(file: string): () => void {
  const timer = setInterval(() => {
    const now = new Date();
    // One that is gone is nobody's presence any more.
    utimes(file, now, now).catch(() => {});
  }, times.beat);
  timer.unref();
  return () => clearInterval(timer);
}
