import { createInterface } from "node:readline/promises";

import { InterruptedError } from "../pipeline/errors.ts";

/** Whether somebody sits there who can answer. */
export const canAsk = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY) && !process.env.CI;

/** Asks a question whose default answer is no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const line = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  line.once("SIGINT", () => interrupted.abort());
  try {
    const answer = await line.question(`${question} [y/N] `, { signal: AbortSignal.any([signal, interrupted.signal]) });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    throw new InterruptedError();
  } finally {
    line.close();
  }
}
