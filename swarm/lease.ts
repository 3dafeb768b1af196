import type Docker from "dockerode";

import { type LeaseTimes, leaseTimes, takeLease, type WaitOptions } from "./lease-queue.ts";
import { type Holder, type LeaseRecord, readLease, writeRecord } from "./lease-records.ts";

/** Who holds an environment now, and who waits for it. */
export interface LeaseState {
  /** Absent where nobody holds it. */
  holder?: Holder;
  waiting: Holder[];
}

/** Who holds an environment now, and who waits for it in which order. */
export async function leaseState(engine: Docker, environment: string): Promise<LeaseState> {
  const { lease, waiting } = await readLease(engine, environment);
  const holders = waiting.flatMap(({ holder }) => holder ?? []);
  return { ...(lease?.holder ? { holder: lease.holder } : {}), waiting: holders };
}

/**
 * The right to change an environment, kept in a config of its own Swarm: whoever writes it first has it. No clock is compared with
 * another machine's: a lease has expired when somebody has watched it unchanged for the whole time.
 */
export class Lease {
  /** Aborted when the lease is lost: nothing may be changed from then on. */
  readonly signal: AbortSignal;
  readonly #lost = new AbortController();
  readonly #engine: Docker;
  readonly #environment: string;
  readonly #holder: Holder;
  readonly #times: LeaseTimes;
  #renewed = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(engine: Docker, environment: string, holder: Holder, times: LeaseTimes) {
    this.#engine = engine;
    this.#environment = environment;
    this.#holder = holder;
    this.#times = times;
    this.signal = this.#lost.signal;
    this.#timer = setInterval(() => {
      this.#renewing = this.#renewing.then(() => this.#renew());
    }, times.renewal);
    this.#timer.unref();
  }

  /**
   * Waits until the environment is nobody's, or its holder is dead, and takes it.
   * @returns the lease, and whether it had to be waited for
   * @throws the signal's reason when it is aborted meanwhile
   * @throws SupersededError when somebody with a newer commit waits for it or has it
   */
  static async acquire(
    engine: Docker,
    environment: string,
    holder: Holder,
    options: WaitOptions,
  ): Promise<{ lease: Lease; waited: boolean }> {
    const waited = await takeLease(engine, environment, holder, options);
    return { lease: new Lease(engine, environment, holder, options.times ?? leaseTimes), waited };
  }

  /** What is written in the Swarm, if it is still ours. */
  async #own(): Promise<LeaseRecord | undefined> {
    const { lease } = await readLease(this.#engine, this.#environment);
    const { owner, since } = this.#holder;
    const ours = lease?.holder?.owner === owner && lease.holder.since.getTime() === since.getTime();
    return ours ? lease : undefined;
  }

  async #renew(): Promise<void> {
    if (this.signal.aborted) return;
    try {
      const own = await this.#own();
      if (!own) return this.#lose();
      // Whoever wrote in between has it now, or gave it back; the next look tells.
      if (!(await writeRecord(this.#engine, this.#environment, own, { holder: this.#holder }))) return this.#renew();
      this.#renewed = performance.now();
    } catch {
      // A manager that does not answer may do so again; long before others take it for expired, it counts as lost.
      if (performance.now() - this.#renewed > this.#times.expiry / 2) this.#lose();
    }
  }

  /**
   * Makes sure that the lease was held until now.
   * @throws the signal's reason when it was not
   */
  async confirm(): Promise<void> {
    this.#renewing = this.#renewing.then(() => this.#renew());
    await this.#renewing;
    this.signal.throwIfAborted();
  }

  #lose(): void {
    clearInterval(this.#timer);
    this.#lost.abort(new Error(`The lease of ${this.#environment} was lost`));
  }

  /** Gives the environment back; one that was lost is not ours to give. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const own = await this.#own().catch(() => undefined);
    if (own) await writeRecord(this.#engine, this.#environment, own, { holder: undefined }).catch(() => false);
  }
}
