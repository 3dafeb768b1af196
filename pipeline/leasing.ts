import type { EnvironmentName } from "../settings/environment.ts";
import { answers, connect } from "../swarm/engine.ts";
import { type Holder, Lease, leaseTimes } from "../swarm/lease.ts";
import { InterruptedError, LockedError, PrerequisiteError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { environmentFacts } from "./facts.ts";
import { plainLine, utc } from "./plain-text.ts";
import { whoRuns } from "./record.ts";
import { stackOutputs } from "./workspace.ts";

/** A holder, safe to show. */
export const holderText = ({ owner, purpose, since: at }: Holder): string =>
  plainLine(`${owner} for ${purpose} since ${utc(at)}`, 200);

/** The environments that a run changes are its own meanwhile: it holds the lease of one at a time. */
export class Leasing {
  /** Aborted with the run's own, and when the lease that is held is lost. */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #holder: Holder;
  readonly #progress: Progress;
  #held: { environment: EnvironmentName; lease: Lease } | undefined;
  #lost: EnvironmentName | undefined;

  /** @param purpose what the run is for, as others are told */
  constructor(purpose: string, signal: AbortSignal, progress: Progress) {
    this.#holder = { owner: `${whoRuns()}, process ${process.pid}`, purpose, since: new Date() };
    this.#progress = progress;
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** Waits until the environment is nobody else's. One that does not exist yet, or cannot be asked, has no lease. */
  async enter(environment: EnvironmentName): Promise<void> {
    if (this.#held?.environment === environment) return;
    await this.leave();
    const facts = environmentFacts(environment, await stackOutputs(environment, { signal: this.signal }));
    if (!facts || !(await answers(facts.engine))) return;
    const note = (text: string): void => this.#progress({ type: "note", text });
    const lease = await Lease.acquire(connect(facts.engine), environment, this.#holder, {
      signal: this.signal,
      onWait: (holder) => note(`Waiting for ${environment}, which is held by ${holderText(holder)}`),
      onExpired: (holder) =>
        note(`Took ${environment} over from ${holderText(holder)}: not renewed for ${leaseTimes.expiry / 1_000} s`),
    }).catch((cause: unknown) => {
      if (this.signal.aborted) throw new InterruptedError();
      const next = "npm run promote -- status";
      throw new PrerequisiteError(`Nobody can tell whose ${environment} is: ${(cause as Error).message}`, {
        next,
        cause,
      });
    });
    lease.signal.addEventListener("abort", () => {
      this.#lost = environment;
      this.#stop.abort(lease.signal.reason);
    });
    this.#held = { environment, lease };
  }

  /**
   * Makes sure that nobody else had the environment meanwhile, so that what was seen there is of this run's doing.
   * @throws InterruptedError when somebody had
   */
  async confirm(): Promise<void> {
    await this.#held?.lease.confirm().catch((cause: unknown) => {
      throw Object.assign(new InterruptedError(), { cause });
    });
  }

  /** Gives the environment that is held to others. */
  async leave(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.lease.release();
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
