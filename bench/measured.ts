import type { Clone } from "../tests/support/clone.ts";

/** The middle one of several figures. */
export const median = (figures: number[]): number =>
  figures.toSorted((one, other) => one - other)[figures.length >> 1] ?? 0;

/** How many seconds something takes. */
export async function seconds(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1_000;
}

/** Tells how a benchmark goes on. */
export const story = (line: string): void => void process.stderr.write(`${line}\n`);

/** A command that has ended. */
interface Ended {
  exitCode?: number | undefined;
  stdout?: string;
  stderr: string;
}

/**
 * What a command that is measured printed.
 * @throws Error when it did not succeed
 */
export async function succeeded(command: Promise<Ended>): Promise<string> {
  const { exitCode, stdout = "", stderr } = await command;
  if (exitCode !== 0) throw new Error(`A measured command ended with ${exitCode}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Takes the clone's last commit into production. */
export const delivered = (clone: Clone): Promise<string> => succeeded(clone.promote("--continuous"));

/** Changes what the demo answers, and nothing else; returns the commit. */
export async function greet(clone: Clone, how: string): Promise<string> {
  await clone.edit("demo/src/routes.ts", "Hello", `Hello ${how},`);
  return clone.commit(`Greet ${how}`);
}
