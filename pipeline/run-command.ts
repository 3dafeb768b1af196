import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { execa } from "execa";

import { InterruptedError, PrerequisiteError } from "./errors.ts";
import type { LogFile } from "./log-file.ts";
import { descendants, signalQuietly } from "./processes.ts";

/** How a command is asked to stop. */
export interface Stop {
  signal: NodeJS.Signals;
  /** How long it has for that. */
  graceSeconds: number;
  /** How long after its start it may not be ready yet to be asked. Default 0. */
  deafSeconds?: number;
}

export interface CommandOptions {
  cwd: string;
  /** Added to the environment of this process; a name set to undefined is removed. */
  env?: Record<string, string | undefined>;
  /** Takes everything that the command prints. */
  log?: LogFile;
  /** Told every chunk of standard output. */
  onOutput?: (text: string) => void;
  onError?: (text: string) => void;
  signal?: AbortSignal | undefined;
  /** Told the process once it runs, and again once it has ended. */
  onStart?: (pid: number) => void;
  onEnd?: (pid: number) => void;
  timeoutSeconds?: number;
  stop?: Stop;
  /** Whether all else comes first where processors are short. Default false. */
  yields?: boolean | undefined;
}

export interface CommandResult {
  /** Undefined when a signal ended the command. */
  exitCode: number | undefined;
  /** Up to the first 64 MiB. */
  stdout: string;
  /** Up to the first 64 MiB. */
  stderr: string;
  timedOut: boolean;
}

const captured = 64 * 1024 * 1024;
const running = new Set<number>();

/** Ends the command's group and everything that left the group but still descends from it. */
function killTree(pid: number): void {
  const others = descendants(pid);
  signalQuietly(-pid, "SIGKILL");
  for (const other of others) signalQuietly(other, "SIGKILL");
}

/** Kills everything that runs, at once: for a person who asked twice. */
export function killRunning(): void {
  for (const pid of running) killTree(pid);
}

/** Collects text up to a limit, so that a flood cannot fill the memory. */
function collector(...takers: (((text: string) => void) | undefined)[]) {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    take(chunk: Buffer): void {
      if (size < captured) chunks.push(chunk.subarray(0, captured - size));
      size += chunk.length;
      for (const taker of takers) taker?.(chunk.toString());
    },
    text: (): string => Buffer.concat(chunks).toString(),
  };
}

/** Asks the command to stop, and ends it by force once its time is over. Returns how to call that off. */
function stopper(
  pid: number,
  { signal, graceSeconds, deafSeconds = 0 }: Stop = { signal: "SIGTERM", graceSeconds: 5 },
) {
  const hears = Date.now() + deafSeconds * 1_000;
  let ask: NodeJS.Timeout | undefined;
  let force: NodeJS.Timeout | undefined;
  return {
    /** @param within how long it has at most, in seconds */
    stop(within = Number.POSITIVE_INFINITY): void {
      ask ??= setTimeout(signalQuietly, Math.max(0, hears - Date.now()), -pid, signal);
      force ??= setTimeout(killTree, Math.min(graceSeconds, within) * 1_000, pid);
    },
    done(): void {
      clearTimeout(ask);
      clearTimeout(force);
    },
  };
}

/** Once the command itself is gone, nothing that it left behind may go on or hold its output open. */
function endLeftovers(pid: number, streams: (NodeJS.ReadableStream | null)[]): void {
  signalQuietly(-pid, "SIGKILL");
  const close = () => {
    for (const stream of streams) (stream as { destroy?: () => void } | null)?.destroy?.();
  };
  setTimeout(close, 1_000).unref();
}

/** Who aborts may have a reason that leaves less time. */
const graceOf = (signal: AbortSignal | undefined): number | undefined =>
  (signal?.reason as { graceSeconds?: number } | undefined)?.graceSeconds;

/**
 * Lets everything else have the processors before a command that has just begun, and its children, which still get some then.
 * Where Linux shares them out among sessions first, a nice value counts within its session alone, so the session has one, too,
 * which is the command's own.
 */
function giveWay(pid: number): void {
  const nice = constants.priority.PRIORITY_BELOW_NORMAL;
  try {
    setPriority(pid, nice);
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // Not every system has sessions that share, and the command may be over.
  }
}

const missing = (file: string, cwd: string, cause: unknown): PrerequisiteError =>
  new PrerequisiteError(`Cannot start "${file}" in ${cwd}: it is not installed, or the folder is not there`, {
    next: "npm run promote -- doctor",
    cause,
  });

/**
 * Runs a command to its end. It gets its own process group, so that a Ctrl-C on the terminal reaches it through us only,
 * once, and so that none of its own children survives it.
 * @param command the program and its arguments; never a shell
 * @throws InterruptedError once the signal was aborted and the command has ended
 * @throws PrerequisiteError when the program cannot be started
 */
export async function runCommand(command: readonly string[], options: CommandOptions): Promise<CommandResult> {
  if (options.signal?.aborted) throw new InterruptedError();
  const [file = "", ...args] = command;
  const { log, cwd } = options;
  const toLog = log ? (text: string) => log.write(text) : undefined;
  const out = collector(toLog, options.onOutput);
  const err = collector(toLog, options.onError);
  log?.note(`$ ${command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ")}`);

  const child = execa(file, args, {
    cwd,
    env: options.env ?? {},
    stdin: "ignore",
    detached: true,
    buffer: false,
    reject: false,
    stripFinalNewline: false,
  });
  child.stdout.on("data", out.take);
  child.stderr.on("data", err.take);
  const { pid } = child;
  if (pid === undefined) throw missing(file, cwd, (await child).cause);

  running.add(pid);
  if (options.yields) giveWay(pid);
  options.onStart?.(pid);
  const stopping = stopper(pid, options.stop);
  let timedOut = false;
  const limit = options.timeoutSeconds === undefined ? undefined : setTimeout(expire, options.timeoutSeconds * 1_000);
  function expire(): void {
    timedOut = true;
    stopping.stop();
  }
  const abort = (): void => stopping.stop(graceOf(options.signal));
  options.signal?.addEventListener("abort", abort, { once: true });
  child.nodeChildProcess.once("exit", () => endLeftovers(pid, [child.stdout, child.stderr]));
  const { exitCode } = await child;
  clearTimeout(limit);
  stopping.done();
  running.delete(pid);
  options.onEnd?.(pid);
  options.signal?.removeEventListener("abort", abort);
  if (options.signal?.aborted) throw new InterruptedError();
  return { exitCode, stdout: out.text(), stderr: err.text(), timedOut };
}
