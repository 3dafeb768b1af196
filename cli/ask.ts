import { createInterface } from "node:readline/promises";

import { InterruptedError } from "../pipeline/errors.ts";

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
