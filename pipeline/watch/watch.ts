import { setTimeout as sleep } from "node:timers/promises";

import { Backoff } from "../backoff.ts";
import { type CommitStatus, commitStatus, pending } from "../commit-status/state.ts";
import type { EnvironmentDrift } from "../drift/drift.ts";
import { subjectOf } from "../git.ts";
import { plainLine } from "../plain-text.ts";
import { type Branch, commitsSince, headOf, lastCommits } from "./branch.ts";
import { DriftWatch } from "./drift-watch.ts";
import type { Conclusion, Tell } from "./events.ts";
import { type Knowledge, unasked } from "./knowledge.ts";
import { isNewest, isRepeated, planFor } from "./plan.ts";

/** How the delivery of a commit ended. */
export interface DeliveryEnd {
  /** Undefined where it says nothing about the commit: a fault, something missing on the machine, another run. */
  conclusion: Conclusion | undefined;
  /** Why production may not be changed now, whatever anybody says. */
  held?: string | undefined;
  status: CommitStatus;
}

export interface WatchOptions extends Knowledge {
  branch: Branch;
  /** Each commit, and not only the newest. */
  every: boolean;
  /** Without the button; the deliveries themselves see to that. */
  continuous: boolean;
  /** How often to look, in seconds. */
  interval: number;
  signal: AbortSignal;
  tell: Tell;
  /** Takes how a commit stands. */
  report: (commit: string, status: CommitStatus) => void;
  /** @throws InterruptedError when the signal was aborted meanwhile */
  deliver: (commit: string, signal: AbortSignal) => Promise<DeliveryEnd>;
  /** How often environments are compared with what Pulumi says, in seconds, and how; never without it. */
  drift?: { interval: number; compare: (signal: AbortSignal) => Promise<EnvironmentDrift[]> } | undefined;
  /** The repository. */
  folder?: string;
}

/** The longest pause between two attempts at the same, in milliseconds. */
const longestPause = 600_000;

/** How far back a watch that begins looks for what was done before. */
const lookBack = 10;

const reasonOf = (error: unknown): string => plainLine(error instanceof Error ? error.message : String(error), 300);

/** The newest release that only lacks somebody's yes, or the time for it, and the answer that was followed already. */
interface Waiting {
  commit: string;
  followed?: string;
}

/** What is known of a branch while it is followed. All of it can be found again, so nothing is kept when this ends. */
class Watch {
  readonly #options: WatchOptions;
  readonly #looking: Backoff;
  readonly #pressing: Backoff;
  #delivering: { commit: string; backoff: Backoff } | undefined;
  #head: string | undefined;
  /** Up to where the branch is done with. */
  #last: string | undefined;
  #waiting: Waiting | undefined;
  /** The head of which it was told what is left out on the way to it. */
  #announced: string | undefined;
  /** The commit whose delivery was cut off. */
  interrupted: string | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#looking = this.#backoff();
    this.#pressing = this.#backoff();
  }

  #backoff(): Backoff {
    return new Backoff(this.#options.interval * 1_000, longestPause);
  }

  /** Looks once, and does the one thing that is to be done then, if there is one. Returns whether there may be more. */
  async step(): Promise<boolean> {
    await this.#look();
    if (await this.#press()) return true;
    return this.#advance();
  }

  async #look(): Promise<void> {
    const { branch, signal, tell, folder } = this.#options;
    if (!this.#looking.isDue()) return;
    let head: string;
    try {
      head = await headOf(branch, { signal, folder });
    } catch (error) {
      signal.throwIfAborted();
      this.#looking.failed();
      if (this.#looking.failures === 1) tell({ type: "unreachable", reason: reasonOf(error) });
      return;
    }
    if (this.#looking.failures > 0) tell({ type: "reachable" });
    this.#looking.succeeded();
    if (this.#head === undefined) await this.#begin(head);
    this.#head = head;
  }

  /** Finds out what was done before this began, or elsewhere. */
  async #begin(head: string): Promise<void> {
    const { folder } = this.#options;
    for (const commit of await lastCommits(head, lookBack, folder)) {
      const conclusion = await this.#conclusionOf(commit);
      if (conclusion !== undefined) this.#last ??= commit;
      if (commit === head && conclusion !== undefined) this.#known(commit, conclusion);
      if (conclusion === "ready") this.#waiting = { commit };
      if (isNewest(conclusion)) return;
    }
  }

  async #conclusionOf(commit: string): Promise<Conclusion | undefined> {
    const { signal, conclusionOf, tell } = this.#options;
    try {
      return await conclusionOf(commit, signal);
    } catch (error) {
      signal.throwIfAborted();
      tell({ type: "unknown", reason: reasonOf(error) });
      return undefined;
    }
  }

  #known(commit: string, conclusion: Conclusion): void {
    const { tell, report } = this.#options;
    tell({ type: "known", commit, conclusion });
    report(commit, knownStatus[conclusion]);
  }

  /** Follows what was said about the release that waits for it. Returns whether it did. */
  async #press(): Promise<boolean> {
    const { signal, answerTo } = this.#options;
    const waiting = this.#waiting;
    if (!waiting || !this.#pressing.isDue()) return false;
    // A registry that does not answer is asked again next time.
    const answer = await answerTo(waiting.commit, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (!answer || answer.name === waiting.followed) return false;
    const { conclusion, held } = await this.#deliver(waiting.commit, this.#pressing, plainLine(answer.because, 100));
    if (conclusion === undefined) return true;
    // Where it came too late for a window, it counts in the next one.
    if (!held) waiting.followed = answer.name;
    if (conclusion !== "ready") this.#waiting = undefined;
    return true;
  }

  /** Goes on on the branch by one commit, if there is one. */
  async #advance(): Promise<boolean> {
    const { every, folder } = this.#options;
    const head = this.#head;
    if (head === undefined) return false;
    const last = this.#last;
    const since = last === undefined || last === head ? [] : await commitsSince(last, head, folder);
    const { commits, skipped, forced } = planFor({ last, head, since }, every);
    const [next] = commits;
    if (next === undefined) return false;
    this.#announce(head, skipped, forced);
    return this.#take(next, forced);
  }

  #announce(head: string, skipped: readonly string[], forced: boolean): void {
    if (this.#announced === head) return;
    this.#announced = head;
    const { tell } = this.#options;
    if (forced && this.#last !== undefined) tell({ type: "forced", from: this.#last, to: head });
    if (skipped.length > 0) tell({ type: "skipped", commits: skipped });
  }

  async #take(commit: string, forced: boolean): Promise<boolean> {
    if (this.#delivering?.commit !== commit) this.#delivering = { commit, backoff: this.#backoff() };
    const { backoff } = this.#delivering;
    if (!backoff.isDue()) return false;
    const before = await this.#conclusionOf(commit);
    const isKnown = before !== undefined && !isRepeated(before, forced);
    if (isKnown) this.#known(commit, before);
    const end = isKnown ? undefined : await this.#deliver(commit, backoff);
    const conclusion = end ? end.conclusion : before;
    if (conclusion === undefined) return false;
    this.#last = commit;
    // Where nothing held it back and it was not let in either, somebody has to be asked.
    const waiting: Waiting = { commit, ...(end && !end.held ? { followed: unasked } : {}) };
    if (isNewest(conclusion)) await this.#supersede(waiting, conclusion);
    return true;
  }

  /** Puts a newer release in the place of one that waited. If that was approved meanwhile, it comes first. */
  async #supersede(newer: Waiting, conclusion: Conclusion): Promise<void> {
    const older = this.#waiting?.commit === newer.commit ? undefined : this.#waiting;
    if (conclusion === "ready" && older) await this.#press();
    if (older && this.#waiting) this.#options.tell({ type: "superseded", commit: older.commit, by: newer.commit });
    this.#waiting = conclusion === "ready" ? newer : undefined;
  }

  /** Delivers a commit, tells and reports how it goes, and returns what it came to. */
  async #deliver(commit: string, backoff: Backoff, because?: string): Promise<DeliveryEnd> {
    const { signal, tell, report, deliver, folder } = this.#options;
    const subject = await subjectOf(commit, folder);
    tell({ type: "delivering", commit, subject, ...(because === undefined ? {} : { because }) });
    report(commit, pending);
    try {
      const end = await deliver(commit, signal);
      const { conclusion, status } = end;
      report(commit, status);
      const { description } = status;
      if (conclusion === undefined) {
        tell({ type: "unfinished", commit, description, retryIn: backoff.failed() / 1_000 });
      } else {
        backoff.succeeded();
        tell({ type: "ended", commit, conclusion, description });
      }
      return end;
    } catch (error) {
      report(commit, signal.aborted ? cutOff : commitStatus("error", `A fault of the watch: ${reasonOf(error)}`));
      if (signal.aborted) {
        this.interrupted = commit;
        tell({ type: "interrupted", commit });
      } else {
        backoff.failed();
      }
      throw error;
    }
  }
}

const cutOff = commitStatus("error", "Interrupted; goes on with the next run");

const knownStatus: Record<Conclusion, CommitStatus> = {
  deployed: commitStatus("success", "Was deployed to production"),
  ready: commitStatus("success", "Ready for production"),
  rejected: commitStatus("failure", "Rejected for production"),
  superseded: commitStatus("error", "Gave way to a newer commit"),
  failed: commitStatus("failure", "A step said no"),
};

/**
 * Follows a branch and delivers what comes to it, until the signal is aborted, whatever fails meanwhile.
 * @returns the commit whose delivery that cut off, if it did
 */
export async function watch(options: WatchOptions): Promise<string | undefined> {
  const { branch, signal, tell, interval, every, continuous } = options;
  tell({ type: "watching", branch, interval, every, continuous });
  const own = new Watch(options);
  const drift = options.drift && new DriftWatch({ ...options.drift, signal, tell });
  while (!signal.aborted) {
    const step = async (): Promise<boolean> => {
      const more = await own.step();
      // A delivery is over by now, and the next one has not begun.
      if (!more) await drift?.look();
      return more;
    };
    const more = await step().catch((error: unknown) => {
      if (!signal.aborted) tell({ type: "fault", reason: reasonOf(error) });
      return false;
    });
    if (!more) await sleep(interval * 1_000, undefined, { signal }).catch(() => {});
  }
  tell({ type: "ended-watching" });
  return own.interrupted;
}
