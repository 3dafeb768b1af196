import { hostname } from "node:os";

import { type EnvironmentName, environments } from "../settings/environment.ts";
import { connect } from "../swarm/engine.ts";
import { Lease, leaseState } from "../swarm/lease.ts";
import { leaseTimes, SupersededError } from "../swarm/lease-queue.ts";
import type { Holder, Operation } from "../swarm/lease-records.ts";
import { InterruptedError, LockedError, PrerequisiteError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { environmentFacts } from "./facts.ts";
import { isNewer } from "./git.ts";
import type { Custody } from "./locks.ts";
import { managerOf } from "./managers.ts";
import { plainLine, utc } from "./plain-text.ts";
import type { StackLock } from "./pulumi-errors.ts";
import { whoRuns } from "./record.ts";
import { turn } from "./run-lock.ts";
import { stackOutputs } from "./stack-state.ts";

/** What a run has to itself: an environment, or what delivery itself needs. */
type Leased = EnvironmentName | "delivery";

/**
 * Where a lease is kept: an environment's in its own Swarm, that of what delivery needs in the first one that there is. Undefined when that
 * does not exist yet, or cannot be asked.
 */
async function engineOf(leased: Leased, signal: AbortSignal): Promise<string | undefined> {
  for (const environment of leased === "delivery" ? environments : [leased]) {
    const facts = environmentFacts(environment, await stackOutputs(environment, signal));
    const engine = facts && (await managerOf(facts));
    if (engine) return engine;
  }
  return undefined;
}

/** A holder, safe to show. */
export const holderText = ({ owner, purpose, since: at }: Holder): string =>
  plainLine(`${owner} for ${purpose} since ${utc(at)}`, 200);

/** Pulumi takes its lock so long after its start at most, in milliseconds; later ones are of another process with its number. */
const locksWithin = 120_000;

/** How a run came to have an environment. */
export interface Entered {
  /** Somebody else had it before. */
  waited: boolean;
  /** This run did not have it already. */
  anew: boolean;
}

/** What a run has of an environment: its lease, or, before there is a Swarm to keep one in, the turn of this clone's runs. */
interface Held {
  environment: Leased;
  /** The manager that keeps the lease. */
  engine?: string;
  lease?: Lease;
  giveBack: () => Promise<void>;
}

/** The environments that a run changes are its own meanwhile: it holds the lease of one at a time. */
export class Leasing implements Custody {
  /** Aborted with the run's own, and when the lease that is held is lost. */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #holder: Holder;
  readonly #progress: Progress;
  #held: Held | undefined;
  #lost: Leased | undefined;
  /** What those who had the environment before ran, and did not end. */
  #inherited: readonly Operation[] = [];
  #own: readonly Operation[] = [];

  /**
   * @param purpose what the run is for, as others are told
   * @param commit the commit that it promotes, if it does: it gives way to a newer one where both wait
   */
  constructor(purpose: string, signal: AbortSignal, progress: Progress, commit?: string) {
    const owner = `${whoRuns()}, process ${process.pid}`;
    this.#holder = { owner, purpose, since: new Date(), ...(commit ? { commit } : {}) };
    this.#progress = progress;
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /**
   * Waits until the environment is nobody else's.
   * @throws SupersededError when a newer commit is at it or waits, too
   * @throws InterruptedError, PrerequisiteError
   */
  async enter(environment: Leased): Promise<Entered> {
    // Before there is a Swarm it cannot hold a lease; the deployment that makes it is followed by taking one.
    if (this.#held?.environment === environment && this.#held.lease) return { waited: false, anew: false };
    const before = this.#held?.environment === environment ? this.#held : undefined;
    if (!before) await this.leave();
    const engine = await engineOf(environment, this.signal);
    if (!engine) return before ? { waited: false, anew: false } : this.#waitHere(environment);
    const { lease, waited, inherited } = await this.#acquire(engine, environment);
    this.#inherited = inherited;
    lease.signal.addEventListener("abort", () => {
      this.#lost = environment;
      this.#stop.abort(lease.signal.reason);
    });
    this.#held = { environment, engine, lease, giveBack: () => lease.release() };
    await before?.giveBack();
    return { waited, anew: true };
  }

  /** Takes the turn of this clone's runs at an environment that is still to be made. */
  async #waitHere(environment: Leased): Promise<Entered> {
    let waited = false;
    const onWait = (text: string): void => {
      waited = true;
      this.#note(`${text}, which makes ${environment}`);
    };
    const giveBack = await turn(`make-${environment}`, { what: this.#holder.purpose, signal: this.signal, onWait });
    this.#held = { environment, giveBack };
    // The one that was waited for has made it by now.
    return waited ? this.enter(environment) : { waited, anew: true };
  }

  #note(text: string): void {
    this.#progress({ type: "note", text });
  }

  #acquire(engine: string, environment: Leased): ReturnType<typeof Lease.acquire> {
    return Lease.acquire(connect(engine), environment, this.#holder, {
      signal: this.signal,
      isNewer,
      onWait: (holder) => this.#note(`Waiting for ${environment}, which is held by ${holderText(holder)}`),
      onExpired: (holder) =>
        this.#note(
          `Took ${environment} over from ${holderText(holder)}: not renewed for ${leaseTimes.expiry / 1_000} s`,
        ),
    }).catch((cause: unknown) => {
      if (cause instanceof SupersededError) throw cause;
      if (this.signal.aborted) throw new InterruptedError();
      const next = "npm run promote -- status";
      throw new PrerequisiteError(`Nobody can tell whose ${environment} is: ${(cause as Error).message}`, {
        next,
        cause,
      });
    });
  }

  /** The address of a manager of an environment that this run has; undefined where it has another one, or there is no manager yet. */
  heldEngine(environment: Leased): string | undefined {
    return this.#held?.environment === environment ? this.#held.engine : undefined;
  }

  /**
   * Makes sure that nobody else had the environment meanwhile, so that what was seen there is of this run's doing.
   * @throws InterruptedError when somebody had
   */
  async confirm(): Promise<void> {
    await this.#held?.lease?.confirm().catch((cause: unknown) => {
      throw Object.assign(new InterruptedError(), { cause });
    });
  }

  began(pid: number): void {
    this.#tell([...this.#own, { host: hostname(), pid, since: new Date() }]);
  }

  ended(pid: number): void {
    this.#tell(this.#own.filter((one) => one.pid !== pid));
  }

  outlived({ host, pid, since }: StackLock): boolean {
    return this.#inherited.some(
      (one) => one.host === host && one.pid === pid && Math.abs(since.getTime() - one.since.getTime()) < locksWithin,
    );
  }

  cleared(): void {
    if (this.#inherited.length === 0) return;
    this.#inherited = [];
    this.#tell(this.#own);
  }

  #tell(own: readonly Operation[]): void {
    this.#own = own;
    this.#held?.lease?.tell([...this.#inherited, ...own]);
  }

  /** Gives the environment that is held to others. */
  async leave(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    this.#inherited = [];
    await held?.giveBack();
  }

  /** Does something, and gives back what is held in the end; that a lease was lost is told as what it is. */
  async during<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof InterruptedError) || !this.#lost) throw error;
      throw new LockedError(
        `The lease of ${this.#lost} was lost: somebody else changes it, or its managers do not answer`,
        {
          next: "npm run promote -- status, then the same command again",
          cause: error,
        },
      );
    } finally {
      await this.leave();
    }
  }
}

/** @throws LockedError when somebody has the environment */
async function assertFree(environment: EnvironmentName, signal: AbortSignal): Promise<void> {
  const engine = await engineOf(environment, signal);
  const holder = engine && (await leaseState(connect(engine), environment)).holder;
  if (!holder) return;
  throw new LockedError(`${environment} is held by ${holderText(holder)}`, {
    next: "npm run promote -- status (says for how long), then the same command again",
  });
}

/**
 * Does something while nobody else may change any environment.
 * @throws LockedError when somebody does so just now
 */
export async function holdingAll<Result>(
  purpose: string,
  signal: AbortSignal,
  progress: Progress,
  action: () => Promise<Result>,
): Promise<Result> {
  for (const environment of environments) await assertFree(environment, signal);
  const all = environments.map((environment) => ({ environment, leasing: new Leasing(purpose, signal, progress) }));
  try {
    for (const { environment, leasing } of all) await leasing.enter(environment);
    return await action();
  } finally {
    for (const { leasing } of all) await leasing.leave();
  }
}
