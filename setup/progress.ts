import type { Report } from "./report.ts";
import type { Outcome } from "./run.ts";

/** Reports when something begins and how long it took. */
export async function timed<T>(report: Report, what: string, action: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  report(`${what} …`);
  const result = await action();
  report(`${what}: done in ${seconds(performance.now() - begin)}`);
  return result;
}

/** Reports an attempt that may fail, since there is another way, and why it did. */
export async function tried(report: Report, what: string, action: () => Promise<Outcome>): Promise<boolean> {
  const begin = performance.now();
  report(`${what} …`);
  const { ok, tail } = await action();
  report(
    `${what}: ${ok ? `done in ${seconds(performance.now() - begin)}` : `not possible here: ${tail.split("\n").at(-1)}`}`,
  );
  return ok;
}

/** Milliseconds as a person reads them. */
export const seconds = (milliseconds: number): string =>
  milliseconds < 9_950 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 1000)} s`;

/** Asks again and again until the answer is there or the time is over. */
export async function waitFor<T>(ask: () => Promise<T | undefined>, limit: number): Promise<T | undefined> {
  const end = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
