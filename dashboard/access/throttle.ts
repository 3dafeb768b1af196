const minute = 60_000;

/** How long a failure counts, in milliseconds. */
const memory = 15 * minute;

/** How many different ones are remembered; the oldest are forgotten first. */
const most = 10_000;

/** Holds back who failed too often lately. */
export class Throttle {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #failures = new Map<string, number[]>();

  /** @param limit how many failures are let pass within a quarter of an hour */
  constructor(limit: number, now: () => number = Date.now) {
    this.#limit = limit;
    this.#now = now;
  }

  #recent(who: string): number[] {
    return (this.#failures.get(who) ?? []).filter((at) => at > this.#now() - memory);
  }

  /** How many seconds somebody has to wait; 0 when they need not. */
  wait(who: string): number {
    const recent = this.#recent(who);
    const [oldest] = recent.slice(-this.#limit);
    if (recent.length < this.#limit || oldest === undefined) return 0;
    return Math.ceil((oldest + memory - this.#now()) / 1_000);
  }

  failed(who: string): void {
    const recent = this.#recent(who);
    // Put last, as the newest.
    this.#failures.delete(who);
    this.#failures.set(who, [...recent.slice(1 - this.#limit), this.#now()]);
    const [first] = this.#failures.keys();
    if (this.#failures.size > most && first !== undefined) this.#failures.delete(first);
  }

  succeeded(who: string): void {
    this.#failures.delete(who);
  }
}
