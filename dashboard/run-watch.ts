import { mkdirSync, watch } from "node:fs";

import { type FollowedRun, followedRollbacks, followedRuns, progressFolder } from "../pipeline/progress-file.ts";
import { Kept } from "./kept.ts";
import { soon } from "./topics.ts";

/** How the runs of this clone go on, as their files tell. */
export class RunWatch {
  readonly #runs: Kept<FollowedRun[]>;
  readonly #rollbacks: Kept<FollowedRun[]>;

  constructor(changed: () => void, signal: AbortSignal, folder: string = progressFolder()) {
    this.#runs = new Kept(() => followedRuns(folder), changed);
    this.#rollbacks = new Kept(() => followedRollbacks(folder), changed);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const look = soon(() => {
      for (const one of [this.#runs, this.#rollbacks]) one.refresh().catch(() => {});
    }, 100);
    watch(folder, { signal, persistent: false }, look).on("error", () => {});
  }

  runs = (): Promise<FollowedRun[]> => this.#runs.value();

  /** How each environment is taken back, or was last. */
  rollbacks = (): Promise<FollowedRun[]> => this.#rollbacks.value();

  /** What a process that ended without a word leaves behind is seen when somebody looks. */
  look = (): Promise<FollowedRun[]> => this.#runs.refresh();
}
