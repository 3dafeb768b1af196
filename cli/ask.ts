import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";

import { InterruptedError, UsageError } from "../pipeline/errors.ts";

/** Whether somebody sits there who can answer. */
export const canAsk = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY) && !process.env.CI;

/** Asks a question on the terminal. The end of input is an empty answer. */
async function ask(question: string, signal: AbortSignal): Promise<string> {
  const line = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  line.once("SIGINT", () => interrupted.abort());
  const either = AbortSignal.any([signal, interrupted.signal]);
  const ended = new Promise<string>((resolve) => line.once("close", () => resolve("")));
  try {
    return (await Promise.race([line.question(question, { signal: either }), ended])).trim();
  } catch {
    throw new InterruptedError();
  } finally {
    line.close();
  }
}

/** Asks a question whose default answer is no. */
export const confirm = async (question: string, signal: AbortSignal): Promise<boolean> =>
  /^y(es)?$/i.test(await ask(`${question} [y/N] `, signal));

/**
 * Asks a question that wants an answer.
 * @param suggested what no answer means, if it means something
 * @throws UsageError when there is no answer
 */
export async function answered(question: string, suggested: string | undefined, signal: AbortSignal): Promise<string> {
  const answer = (await ask(`${question}${suggested === undefined ? "" : ` [${suggested}]`} `, signal)) || suggested;
  if (answer !== undefined) return answer;
  throw new UsageError(`${question} There was no answer`);
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
