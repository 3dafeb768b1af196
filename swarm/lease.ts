import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import { namespaceLabel } from "./services.ts";

/** Who holds a lease, as everybody can read it. */
export interface Holder {
  /** Who runs it, and where: `ann@host, process 123`. */
  owner: string;
  /** What for: `promote 0123456789ab`. */
  purpose: string;
  since: Date;
}

/** What a lease reads and when it changed last, by Raft's own count. */
interface Reading {
  id: string;
  version: number;
  holder: Holder | undefined;
}

/** How long a lease is held that nobody renews, and how often it is renewed, in milliseconds. */
export const leaseTimes = { expiry: 30_000, renewal: 5_000, look: 1_000 } as const;

type Times = Record<keyof typeof leaseTimes, number>;

const label = (name: string): string => `slipway.lease.${name}`;

const nameOf = (environment: string): string => `${environment}_lease`;

const labelsOf = (environment: string, holder: Holder | undefined): Record<string, string> => ({
  [namespaceLabel]: environment,
  ...(holder
    ? {
        [label("owner")]: holder.owner,
        [label("purpose")]: holder.purpose,
        [label("since")]: holder.since.toISOString(),
        // Each renewal is another content, or Swarm would not count it.
        [label("renewed")]: new Date().toISOString(),
      }
    : {}),
});

function holderIn(labels: Record<string, string> | undefined): Holder | undefined {
  const owner = labels?.[label("owner")];
  if (!owner) return undefined;
  return { owner, purpose: labels[label("purpose")] ?? "", since: new Date(labels[label("since")] ?? 0) };
}

/** Somebody else wrote it first. */
const isOvertaken = (error: unknown): boolean => /out of sequence/.test(String((error as Error).message));

const isThereAlready = (error: unknown): boolean => (error as { statusCode?: number }).statusCode === 409;

async function read(engine: Docker, environment: string): Promise<Reading | undefined> {
  const found = await engine.listConfigs({ filters: { name: [nameOf(environment)] } });
  const config = found.find(({ Spec }) => Spec?.Name === nameOf(environment));
  if (!config) return undefined;
  return { id: config.ID, version: config.Version?.Index ?? 0, holder: holderIn(config.Spec?.Labels) };
}

/** Writes a lease if nobody has since `version`; Raft decides between two who try. Whether it was written. */
async function write(
  engine: Docker,
  environment: string,
  { id, version }: Reading,
  holder: Holder | undefined,
): Promise<boolean> {
  const spec = { Name: nameOf(environment), Labels: labelsOf(environment, holder), Data: "" };
  try {
    await engine.getConfig(id).update({ _query: { version }, _body: spec });
    return true;
  } catch (error) {
    if (isOvertaken(error)) return false;
    throw error;
  }
}

/** Makes the object that a lease is kept in, free; another may be doing so, too. */
async function make(engine: Docker, environment: string): Promise<void> {
  const Data = Buffer.from("Who changes this environment: see its labels.").toString("base64");
  const spec = { Name: nameOf(environment), Labels: labelsOf(environment, undefined), Data };
  await engine.createConfig(spec).catch((error: unknown) => {
    if (!isThereAlready(error)) throw error;
  });
}

/** Who holds an environment now; undefined when nobody does. */
export const leaseHolder = async (engine: Docker, environment: string): Promise<Holder | undefined> =>
  (await read(engine, environment))?.holder;

interface AcquireOptions {
  signal: AbortSignal;
  /** Told once about each holder that is waited for. */
  onWait: (holder: Holder) => void;
  /** Told when a lease is taken that its holder did not renew in time. */
  onExpired: (holder: Holder) => void;
  times?: Times;
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
  readonly #times: Times;
  #renewed = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(engine: Docker, environment: string, holder: Holder, times: Times) {
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
   * @throws the signal's reason when it is aborted meanwhile
   */
  static async acquire(
    engine: Docker,
    environment: string,
    holder: Holder,
    { signal, onWait, onExpired, times = leaseTimes }: AcquireOptions,
  ): Promise<Lease> {
    let watched: { version: number; since: number } | undefined;
    let told = "";
    for (;;) {
      signal.throwIfAborted();
      const reading = await read(engine, environment);
      if (!reading) await make(engine, environment);
      else {
        if (watched?.version !== reading.version) watched = { version: reading.version, since: performance.now() };
        const expired = performance.now() - watched.since > times.expiry;
        if ((!reading.holder || expired) && (await write(engine, environment, reading, holder))) {
          if (reading.holder) onExpired(reading.holder);
          return new Lease(engine, environment, holder, times);
        }
        if (reading.holder && told !== reading.holder.owner) onWait(reading.holder);
        told = reading.holder?.owner ?? "";
        if (reading.holder) await sleep(times.look, undefined, { signal });
      }
    }
  }

  /** What is written in the Swarm, if it is still ours. */
  async #own(): Promise<Reading | undefined> {
    const reading = await read(this.#engine, this.#environment);
    const { owner, since } = this.#holder;
    const ours = reading?.holder?.owner === owner && reading.holder.since.getTime() === since.getTime();
    return ours ? reading : undefined;
  }

  async #renew(): Promise<void> {
    if (this.signal.aborted) return;
    try {
      const own = await this.#own();
      if (!own) return this.#lose();
      // Whoever wrote in between has it now, or gave it back; the next look tells.
      if (!(await write(this.#engine, this.#environment, own, this.#holder))) return this.#renew();
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
    if (own) await write(this.#engine, this.#environment, own, undefined).catch(() => false);
  }
}
