import { hostname } from "node:os";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { LockedError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { stillRuns } from "./processes.ts";
import { locksOf, type StackLock } from "./pulumi-errors.ts";

const isHere = (lock: StackLock): boolean => lock.host === hostname();

const isStale = (lock: StackLock): boolean => isHere(lock) && !stillRuns(lock.pid, lock.since);

const holder = (lock: StackLock): string =>
  `${lock.user} on ${lock.host} (process ${lock.pid}) since ${lock.since.toISOString()}`;

function locked(stack: string, locks: StackLock[]): LockedError {
  const held = locks.find((lock) => !isStale(lock));
  const who = held ? `held by ${holder(held)}` : "locked by another update";
  const next =
    held && isHere(held)
      ? "Wait until it ends, or stop that process; then type the same command again."
      : `pulumi cancel -s ${stack} (only if you are sure that nobody is at it)`;
  return new LockedError(`The stack ${stack} is ${who}`, { next });
}

/**
 * Does something that needs a stack's lock. A lock whose process on this machine is dead, as after a power cut, is
 * removed first.
 * @throws LockedError naming who holds the stack and since when
 */
export async function unlocked<Result>(
  stack: Pick<Stack, "name" | "cancel">,
  progress: Progress,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const locks = locksOf(error);
    if (locks.length === 0) throw error;
    if (!locks.every(isStale)) throw locked(stack.name, locks);
    await stack.cancel();
    const pids = locks.map(({ pid }) => pid).join(", ");
    progress({ type: "note", text: `Removed the lock of ${stack.name}: the process that held it (${pids}) is dead.` });
    return action();
  }
}
