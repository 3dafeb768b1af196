import type Docker from "dockerode";

import { type LeaseTimes, leaseTimes, type Taken, takeLease, type WaitOptions } from "./lease-queue.ts";
import { type Holder, type LeaseRecord, type Operation, readLease, writeRecord } from "./lease-records.ts";

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

/** Why a lease is not held any more: what works under it has to be dead before somebody else may have it. */
export class LostLeaseError extends Error {
  override readonly name = "LostLeaseError";
  /** How long it has to end by itself, in seconds. */
  readonly graceSeconds = 5;

  constructor(environment: string) {
    super(`The lease of ${environment} was lost`);
  }
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
  #operations: readonly Operation[];

  private constructor(engine: Docker, environment: string, holder: Holder, times: LeaseTimes, { inherited }: Taken) {
    this.#operations = inherited;
    this.#engine = engine;
    this.#environment = environment;
    this.#holder = holder;
    this.#times = times;
    this.signal = this.#lost.signal;
    this.#timer = setInterval(() => {
      // A manager that nobody reaches any more may never answer.
      if (this.#isOld()) this.#lose();
      this.#renewing = this.#renewing.then(() => this.#renew());
    }, times.renewal);
    this.#timer.unref();
  }

  /**
   * Waits until the environment is nobody's, or its holder is dead, and takes it.
   * @returns the lease, whether it had to be waited for, and what others who had it left
   * @throws the signal's reason when it is aborted meanwhile
   * @throws SupersededError when somebody with a newer commit waits for it or has it
   */
  static async acquire(
    engine: Docker,
    environment: string,
    holder: Holder,
    options: WaitOptions,
  ): Promise<Taken & { lease: Lease }> {
    const taken = await takeLease(engine, environment, holder, options);
    return { lease: new Lease(engine, environment, holder, options.times ?? leaseTimes, taken), ...taken };
  }

  /** Long before others take it for expired, a lease that could not be renewed counts as lost. */
  #isOld = (): boolean => performance.now() - this.#renewed > this.#times.expiry / 2;

  /**
   * Tells whoever takes the lease over when it has expired which Pulumi processes are dead by then. It stays told when the lease is given
   * back, until somebody tells something else.
   */
  tell(operations: readonly Operation[]): void {
    this.#operations = operations;
    this.#renewing = this.#renewing.then(() => this.#renew());
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
      const said = { holder: this.#holder, operations: [...this.#operations] };
      if (!(await writeRecord(this.#engine, this.#environment, own, said))) return this.#renew();
      this.#renewed = performance.now();
    } catch {
      // A manager that does not answer may do so again.
      if (this.#isOld()) this.#lose();
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
    this.#lost.abort(new LostLeaseError(this.#environment));
  }

  /** Gives the environment back; one that was lost is not ours to give. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const own = await this.#own().catch(() => undefined);
    const said = { holder: undefined, operations: [...this.#operations] };
    if (own) await writeRecord(this.#engine, this.#environment, own, said).catch(() => false);
  }
}
