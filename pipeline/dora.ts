import type { Run, RunStep } from "../evidence/run.ts";

const day = 86_400_000;

/** A middle one of several figures, and how many there were. */
export interface Median {
  seconds: number;
  of: number;
}

/**
 * DORA's four figures of software delivery performance, as its guide "DORA's software delivery performance metrics" defines them.
 * A figure is null where there is nothing to compute it from.
 */
export interface Dora {
  /** What they are about: all that ended since then. Later than was asked for where no run is that old. */
  since: Date;
  until: Date;
  /** How often production was changed for a commit, whether it held or not. */
  deployments: number;
  /** Deployments a day; null for less than a day. */
  deploymentFrequency: number | null;
  /** From when git had a commit until production ran it and its tests had passed; of every commit that came along. */
  changeLeadTime: Median | null;
  /** Deployments that wanted intervention: production went back by itself, or was to, or a person took back the last that had held. */
  failed: number;
  changeFailPercentage: number | null;
  /** From when a deployment that failed began to change production until that ran again what holds. */
  failedDeploymentRecoveryTime: Median | null;
  /** Failed deployments that production has not recovered from yet. */
  notRecovered: number;
}

/** One change of production for a commit. */
export interface Deployment {
  commit: string;
  began: Date;
  ended: Date;
  /** When git had each commit that came along. */
  changes: readonly Date[];
  /** Whether production ran it and its tests had passed. */
  reached: boolean;
  /** Whether it did not hold, then or later. */
  failed: boolean;
  /** When production ran again what holds. */
  recovered?: Date;
}

/** Of milliseconds; null of none. */
export function median(figures: readonly number[]): Median | null {
  if (figures.length === 0) return null;
  const sorted = figures.toSorted((one, other) => one - other);
  const [below = 0, above = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return { seconds: (below + above) / 2_000, of: figures.length };
}

/** The first step of a run that changed or examined production; none where it did not come so far. */
const inProduction = ({ steps }: Run): RunStep | undefined =>
  steps.find((step) => step.environment === "production" && ["passed", "failed"].includes(step.outcome));

/** Follows production through runs, in the order in which they ended. */
class Production {
  readonly deployments: Deployment[] = [];
  /** The commit that it runs, as far as that is known. */
  #running: string | undefined;

  take(run: Run): void {
    if (run.kind === "rollback") this.#rollBack(run);
    else this.#promote(run);
  }

  #promote(run: Run): void {
    const { commit, finishedOn: ended, changes = [run.committedOn] } = run;
    const step = inProduction(run);
    const reached = run.outcome === "deployed";
    // What runs already and is only tested again is no deployment.
    if (!step || (reached && this.#running === commit)) return;
    const began = step.startedOn ?? run.startedOn;
    this.deployments.push({ commit, began, ended, changes, reached, failed: !reached });
    const restored = run.wentBack?.outcome === "restored" ? run.wentBack.commit : undefined;
    this.#running = reached ? commit : restored;
    if (this.#running !== undefined) this.#recover(ended);
  }

  #rollBack({ wentBack, before, commit, finishedOn }: Run): void {
    if (wentBack?.environment !== "production") return;
    const last = this.deployments.findLast(({ reached }) => reached);
    // To go back further, or forward again, says nothing more about the last deployment that held.
    if (last && last.commit === before?.commit) last.failed = true;
    if (wentBack.outcome !== "restored") return;
    this.#running = commit;
    this.#recover(finishedOn);
  }

  #recover(at: Date): void {
    for (const one of this.deployments) if (one.failed) one.recovered ??= at;
  }
}

/** From when git had each commit that came along until production ran it, in milliseconds. */
export const leadTimes = ({ changes, ended }: Deployment): number[] =>
  changes.map((committed) => Math.max(0, ended.getTime() - committed.getTime()));

const recoveryTime = ({ began, recovered }: Deployment): number[] =>
  recovered ? [recovered.getTime() - began.getTime()] : [];

/**
 * Each change of production for a commit, in the order in which they ended.
 * @param runs newest first
 */
export function deploymentsOf(runs: readonly Run[]): Deployment[] {
  const production = new Production();
  for (const run of runs.toReversed()) production.take(run);
  return production.deployments;
}

/**
 * Computes DORA's figures of production.
 * @param runs newest first; one that is older than `since` says that they go back so far
 * @param since from when on deployments count
 */
export function doraOf(runs: readonly Run[], { since: asked, until }: Pick<Dora, "since" | "until">): Dora {
  const first = runs.at(-1)?.startedOn ?? until;
  const since = first > asked ? first : asked;
  const days = (until.getTime() - since.getTime()) / day;
  const deployments = deploymentsOf(runs).filter(({ ended }) => ended >= since);
  const failed = deployments.filter((one) => one.failed);
  const recoveries = failed.flatMap(recoveryTime);
  return {
    since,
    until,
    deployments: deployments.length,
    deploymentFrequency: days < 1 ? null : deployments.length / days,
    changeLeadTime: median(deployments.filter(({ reached }) => reached).flatMap(leadTimes)),
    failed: failed.length,
    changeFailPercentage: deployments.length === 0 ? null : (100 * failed.length) / deployments.length,
    failedDeploymentRecoveryTime: median(recoveries),
    notRecovered: failed.length - recoveries.length,
  };
}
