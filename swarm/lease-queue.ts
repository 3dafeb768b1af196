import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import {
  type Holder,
  joinQueue,
  type LeaseRecord,
  type LeaseRecords,
  leaveQueue,
  makeLease,
  type Operation,
  readLease,
  writeRecord,
} from "./lease-records.ts";

/** How long a lease is held that nobody renews, how often it is renewed, and how often those who wait look, in milliseconds. */
export const leaseTimes = { expiry: 30_000, renewal: 5_000, look: 1_000 } as const;

export type LeaseTimes = Record<keyof typeof leaseTimes, number>;

export interface WaitOptions {
  signal: AbortSignal;
  /** Told once about each holder that is waited for. */
  onWait: (holder: Holder) => void;
  /** Told when a lease is taken that its holder did not renew in time. */
  onExpired: (holder: Holder) => void;
  /** Whether a commit comes after another; false where that is not known here. Without it nobody gives way. */
  isNewer?: ((commit: string, than: string) => Promise<boolean>) | undefined;
  times?: LeaseTimes;
}

/** Who waits gave way to a newer commit. */
export class SupersededError extends Error {
  override readonly name = "SupersededError";
  readonly by: string;

  constructor(by: string) {
    super(`superseded by ${by}`);
    this.by = by;
  }
}

/** Remembers since when each record has been as it is: no clock is compared with another machine's. */
class Watched {
  readonly #seen = new Map<string, { version: number; since: number }>();

  /** Whether a record was watched unchanged for so long. */
  unchanged({ id, version }: LeaseRecord, milliseconds: number): boolean {
    const seen = this.#seen.get(id);
    if (seen?.version === version) return performance.now() - seen.since > milliseconds;
    this.#seen.set(id, { version, since: performance.now() });
    return false;
  }
}

/** How a lease was taken. */
export interface Taken {
  /** It had to be waited for. */
  waited: boolean;
  /** What those who had it before ran and did not end: it is dead, as they are. */
  inherited: Operation[];
}

/** One who wants the lease of an environment, and waits behind those who came before. */
class Waiting {
  readonly #engine: Docker;
  readonly #environment: string;
  readonly #holder: Holder;
  readonly #options: WaitOptions & { times: LeaseTimes };
  readonly #watched = new Watched();
  #ticket: string | undefined;
  #renewed = 0;
  #told = "";

  constructor(engine: Docker, environment: string, holder: Holder, options: WaitOptions) {
    this.#engine = engine;
    this.#environment = environment;
    this.#holder = holder;
    this.#options = { ...options, times: options.times ?? leaseTimes };
  }

  /** Waits and takes it. */
  async take(): Promise<Taken> {
    const { signal, times } = this.#options;
    let waited = false;
    try {
      for (;;) {
        signal.throwIfAborted();
        const records = await readLease(this.#engine, this.#environment);
        if (!records.lease) await makeLease(this.#engine, this.#environment);
        else {
          if (await this.#takes(records.lease, await this.#ahead(records)))
            return { waited, inherited: records.lease.operations };
          await this.#giveWay(records);
          await this.#wait(records);
          waited = true;
          // Aborted, it is told at the top, with the signal's own reason.
          await sleep(times.look, undefined, { signal }).catch(() => {});
        }
      }
    } finally {
      if (this.#ticket) await leaveQueue(this.#engine, this.#ticket).catch(() => {});
    }
  }

  /** Those who came before and still live; what dead ones left is removed. */
  async #ahead({ waiting }: LeaseRecords): Promise<LeaseRecord[]> {
    const own = waiting.findIndex(({ id }) => id === this.#ticket);
    const before = own < 0 ? waiting : waiting.slice(0, own);
    const dead = before.filter((record) => this.#watched.unchanged(record, this.#options.times.expiry));
    for (const { id } of dead) await leaveQueue(this.#engine, id);
    return before.filter((record) => !dead.includes(record));
  }

  async #takes(lease: LeaseRecord, ahead: LeaseRecord[]): Promise<boolean> {
    const expired = this.#watched.unchanged(lease, this.#options.times.expiry);
    if (ahead.length > 0 || (lease.holder && !expired)) return false;
    const said = { holder: this.#holder, operations: lease.operations };
    if (!(await writeRecord(this.#engine, this.#environment, lease, said))) return false;
    if (lease.holder) this.#options.onExpired(lease.holder);
    return true;
  }

  /**
   * A newer commit is what people want by now: who waits with an older one ends. Which is newer may be known to one of them only.
   * @throws SupersededError
   */
  async #giveWay({ lease, waiting }: LeaseRecords): Promise<void> {
    const { commit } = this.#holder;
    const { isNewer } = this.#options;
    const own = waiting.find(({ id }) => id === this.#ticket);
    if (own?.supersededBy) throw new SupersededError(own.supersededBy);
    if (!commit || !isNewer) return;
    for (const record of [...(lease ? [lease] : []), ...waiting]) {
      const other = record.holder?.commit;
      if (!other || other === commit || record.id === this.#ticket) continue;
      if (await isNewer(other, commit)) throw new SupersededError(other);
      const supersedes = record !== lease && !record.supersededBy && (await isNewer(commit, other));
      if (supersedes) {
        const said = { holder: record.holder, supersededBy: commit };
        await writeRecord(this.#engine, this.#environment, record, said);
      }
    }
  }

  /** Says that it waits, and for whom. */
  async #wait({ lease, waiting }: LeaseRecords): Promise<void> {
    const holder = lease?.holder ?? waiting.find(({ id }) => id !== this.#ticket)?.holder;
    if (holder && this.#told !== holder.owner) this.#options.onWait(holder);
    this.#told = holder?.owner ?? this.#told;
    const own = waiting.find(({ id }) => id === this.#ticket);
    if (own && performance.now() - this.#renewed < this.#options.times.renewal) return;
    // Whoever else writes it says that it is superseded, or takes it for dead: the next look tells.
    if (own) await writeRecord(this.#engine, this.#environment, own, { holder: this.#holder });
    else this.#ticket = await joinQueue(this.#engine, this.#environment, this.#holder);
    this.#renewed = performance.now();
  }
}

/**
 * Waits until an environment's lease is nobody's, or its holder is dead, and takes it, one after another in the order in which they
 * came.
 * @throws the signal's reason when it is aborted meanwhile
 * @throws SupersededError when somebody with a newer commit waits for it or has it
 */
export const takeLease = (engine: Docker, environment: string, holder: Holder, options: WaitOptions): Promise<Taken> =>
  new Waiting(engine, environment, holder, options).take();
