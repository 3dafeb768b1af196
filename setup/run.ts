import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";

import { SetupError } from "./errors.ts";

export interface RunOptions {
  /** Added to this process's environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Milliseconds after which the program is stopped. */
  timeout?: number;
}

export interface Outcome {
  ok: boolean;
  stdout: string;
  /** The end of what it printed, for a person. */
  tail: string;
}

const tailLines = 15;

/** The last lines of a text, which is where programs say why they failed. */
export const tailOf = (text: string): string => text.trim().split("\n").slice(-tailLines).join("\n");

/** Runs a program and says how it went. Never throws, and reads nothing from the terminal. */
export async function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { execa } = await import("execa");
  const result = await execa(command, args, { ...options, reject: false, all: true, stdin: "ignore" });
  // Where it did not end by itself, what it printed does not say why.
  const cut = result.failed && result.exitCode === undefined ? (result.shortMessage ?? "") : "";
  return { ok: !result.failed, stdout: result.stdout, tail: tailOf([result.all, cut].filter(Boolean).join("\n")) };
}

/** Runs a program that must succeed; what it printed last is in the error. */
export async function run(
  command: string,
  args: readonly string[],
  next: string,
  options: RunOptions = {},
): Promise<string> {
  const outcome = await attempt(command, args, options);
  if (!outcome.ok) throw new SetupError(`${command} ${args.slice(0, 2).join(" ")} failed:\n${outcome.tail}`, next);
  return outcome.stdout;
}

/** Runs two programs, the first one's output going into the second one. Both must succeed. */
export async function pipe(
  from: readonly [command: string, args: readonly string[]],
  into: readonly [command: string, args: readonly string[]],
  next: string,
): Promise<void> {
  const { execa } = await import("execa");
  const source = execa(...from, { stdin: "ignore", buffer: { stdout: false }, reject: false });
  const sink = execa(...into, { stdin: "pipe", reject: false, all: true });
  // What breaks the pipe also fails one of the two, which then says why.
  const flow = pipeline(source.stdout, sink.stdin).catch(() => undefined);
  const [made, taken] = await Promise.all([source, sink, flow]);
  if (made.failed) throw new SetupError(`${from[0]} failed:\n${tailOf(made.stderr)}`, next);
  if (taken.failed) throw new SetupError(`${into[0]} failed:\n${tailOf(taken.all)}`, next);
}

/** Where a program is that a shell would find. */
export async function which(program: string, path: string = process.env.PATH ?? ""): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, program);
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
}
