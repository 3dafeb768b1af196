import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";

import { InterruptedError, UsageError } from "../pipeline/errors.ts";

/** Whether somebody sits there who can answer. */
export const canAsk = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY) && !process.env.CI;

/** Asks a question whose default answer is no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const line = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  line.once("SIGINT", () => interrupted.abort());
  const either = AbortSignal.any([signal, interrupted.signal]);
  // The end of input is no answer, and no answer is no.
  const ended = new Promise<string>((resolve) => line.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([line.question(`${question} [y/N] `, { signal: either }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    throw new InterruptedError();
  } finally {
    line.close();
  }
}

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });

/** Asks for a line on the terminal without showing what is typed. */
async function typed(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(`${question}: `);
  const line = createInterface({ input: process.stdin, output: silent, terminal: true });
  const interrupted = new AbortController();
  line.once("SIGINT", () => interrupted.abort());
  try {
    return await line.question("", { signal: AbortSignal.any([signal, interrupted.signal]) });
  } catch {
    throw new InterruptedError();
  } finally {
    line.close();
    process.stderr.write("\n");
  }
}

/** Asks for a secret, twice; without a terminal it is the first line of standard input. */
export async function secret(question: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).split(/\r?\n/)[0] ?? "";
  const first = await typed(question, signal);
  if ((await typed(`${question}, again`, signal)) === first) return first;
  throw new UsageError("These were two different ones", { next: "the same command again" });
}
