import { hostname } from "node:os";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { LockedError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { stillRuns } from "./processes.ts";
import { locksOf, type StackLock } from "./pulumi-errors.ts";

/** What a run that has an environment to itself knows of the locks of its stack. */
export interface Custody {
  /** Tells others that this process works on the stack, and will be dead when the run is. */
  began(pid: number): void;
  /** It has ended. */
  ended(pid: number): void;
  /** Whether a lock is of a process that others told of like that, and whose run is dead: its lease has expired. */
  outlived(lock: StackLock): boolean;
  /** Nothing is locked any more by what was outlived. */
  cleared(): void;
}

const isHere = (lock: StackLock): boolean => lock.host === hostname();

const isStale = (lock: StackLock, custody: Custody | undefined): boolean =>
  (isHere(lock) && !stillRuns(lock.pid, lock.since)) || custody?.outlived(lock) === true;

const holder = (lock: StackLock): string =>
  `${lock.user} on ${lock.host} (process ${lock.pid}) since ${lock.since.toISOString()}`;

function locked(stack: string, locks: StackLock[], custody: Custody | undefined): LockedError {
  const held = locks.find((lock) => !isStale(lock, custody));
  const who = held ? `held by ${holder(held)}` : "locked by another update";
  const next =
    held && isHere(held)
      ? "Wait until it ends, or stop that process; then type the same command again."
      : `pulumi cancel -s ${stack} (only if you are sure that nobody is at it)`;
  return new LockedError(`The stack ${stack} is ${who}`, { next });
}

const where = (lock: StackLock): string => (isHere(lock) ? `${lock.pid}` : `${lock.pid} on ${lock.host}`);

/**
 * Does something that needs a stack's lock. A lock whose process is dead, as after a power cut, is removed first: of this machine's
 * processes anybody can tell, of another's only who took its lease over.
 * @throws LockedError naming who holds the stack and since when
 */
export async function unlocked<Result>(
  stack: Pick<Stack, "name" | "cancel">,
  progress: Progress,
  action: () => Promise<Result>,
  custody?: Custody,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const locks = locksOf(error);
    if (locks.length === 0) throw error;
    if (!locks.every((lock) => isStale(lock, custody))) throw locked(stack.name, locks, custody);
    await stack.cancel();
    const pids = locks.map(where).join(", ");
    progress({ type: "note", text: `Removed the lock of ${stack.name}: the process that held it (${pids}) is dead.` });
    custody?.cleared();
    return action();
  }
}
