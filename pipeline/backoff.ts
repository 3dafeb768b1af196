/** Pauses that grow as long as something fails: doubled each time, up to a limit. Times are in milliseconds. */
export class Backoff {
  readonly #first: number;
  readonly #most: number;
  #failures = 0;
  #until = 0;

  constructor(first: number, most: number) {
    this.#first = first;
    this.#most = Math.max(first, most);
  }

  /** How many times it has failed since it last succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the pause after the last failure is over. */
  isDue(now: number = Date.now()): boolean {
    return now >= this.#until;
  }

  /** Notes a failure, and returns how long the pause after it is. */
  failed(now: number = Date.now()): number {
    const pause = Math.min(this.#first * 2 ** Math.min(this.#failures, 30), this.#most);
    this.#failures += 1;
    this.#until = now + pause;
    return pause;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
