import { setTimeout as sleep } from "node:timers/promises";

import { Backoff } from "../backoff.ts";
import type { StatusHost } from "./host.ts";
import type { CommitStatus } from "./state.ts";

/** How many commits may have a status that the host has not taken yet; the oldest ones are dropped. */
const most = 50;

export interface SenderOptions {
  host: StatusHost;
  /** Takes what a person should know: that the host does not take statuses, and that it does again. */
  tell: (text: string) => void;
  /** How long an answer may take, in milliseconds. */
  patience?: number;
  /** How long to pause after a failure, at first and at most, in milliseconds. */
  pauses?: readonly [first: number, most: number];
}

type Taken = { done: true; refused?: string } | { done: false; why: string };

/** Sends commits' statuses in the background. Of each commit only the newest one matters, and nobody waits for the host. */
export class StatusSender {
  readonly #waiting = new Map<string, CommitStatus>();
  readonly #options: Required<SenderOptions>;
  readonly #backoff: Backoff;
  readonly #end = new AbortController();
  #hurry = new AbortController();
  #working: Promise<void> | undefined;
  #told: string | undefined;

  constructor({ patience = 10_000, pauses = [1_000, 300_000], ...rest }: SenderOptions) {
    this.#options = { patience, pauses, ...rest };
    this.#backoff = new Backoff(...pauses);
  }

  send(commit: string, status: CommitStatus): void {
    this.#waiting.delete(commit);
    this.#waiting.set(commit, status);
    const [oldest = ""] = this.#waiting.keys();
    if (this.#waiting.size > most) this.#waiting.delete(oldest);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Gives what is left some last time, in milliseconds, and ends. */
  async close(time = 5_000): Promise<void> {
    const late = sleep(time, undefined, { signal: this.#end.signal }).catch(() => {});
    this.#hurry.abort();
    await Promise.race([this.#working, late]);
    this.#end.abort();
    await this.#working;
    const { size } = this.#waiting;
    if (size > 0) this.#options.tell(`${this.#options.host.name} never took the status of ${size} commits`);
  }

  async #work(): Promise<void> {
    for (let [next] = this.#waiting; next && !this.#end.signal.aborted; [next] = this.#waiting) {
      const [commit, status] = next;
      const taken = await this.#post(commit, status);
      if (!taken.done) {
        await this.#pause(taken.why);
        continue;
      }
      // It may have got a newer one meanwhile.
      if (this.#waiting.get(commit) === status) this.#waiting.delete(commit);
      this.#passed(taken.refused);
    }
  }

  #passed(refused: string | undefined): void {
    if (refused !== undefined) this.#tellOnce(`${this.#options.host.name} refuses a status: ${refused}`);
    else if (this.#backoff.failures > 0) this.#tellOnce(`${this.#options.host.name} takes statuses again`);
    if (refused === undefined) this.#told = undefined;
    this.#backoff.succeeded();
  }

  async #pause(why: string): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#tellOnce(`${this.#options.host.name} does not take statuses: ${why}; tried again until it does`);
    const pause = this.#backoff.failed();
    const signal = AbortSignal.any([this.#hurry.signal, this.#end.signal]);
    await sleep(pause, undefined, { signal }).catch(() => {});
    // Only this pause is cut short: what fails again in the end is not to be tried without any.
    if (this.#hurry.signal.aborted) this.#hurry = new AbortController();
  }

  #tellOnce(text: string): void {
    if (this.#told !== text) this.#options.tell(text);
    this.#told = text;
  }

  async #post(commit: string, status: CommitStatus): Promise<Taken> {
    const { host, patience } = this.#options;
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(patience)]);
    const body = JSON.stringify(host.body(status));
    try {
      const response = await fetch(host.addressOf(commit), {
        method: "POST",
        headers: host.headers,
        body,
        signal,
        redirect: "manual",
      });
      await response.body?.cancel();
      return answered(response.status);
    } catch (error) {
      return { done: false, why: reasonOf(error, patience) };
    }
  }
}

/** What the host does not want now it may want later; what it does not want at all it never will. */
function answered(status: number): Taken {
  if (status >= 200 && status < 300) return { done: true };
  const why = `it answered ${status}`;
  return status >= 500 || status === 408 || status === 429 ? { done: false, why } : { done: true, refused: why };
}

/** Without the address, which the error of a request may quote. */
function reasonOf(error: unknown, patience: number): string {
  if ((error as Error).name === "TimeoutError") return `no answer within ${patience / 1_000} s`;
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return typeof code === "string" ? code : "no connection";
}
