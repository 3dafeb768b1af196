import type { FoundRuns } from "../evidence/run-store.ts";
import { applicationHere } from "../pipeline/history.ts";
import { KnownRuns } from "../pipeline/runs.ts";
import { Kept } from "./kept.ts";

const day = 86_400_000;

/** How many days of runs the pages show at most. */
export const longest = 90;

/** How old what the registry said may be when somebody looks, in milliseconds: other clones run, too. */
const old = 30_000;

/** How the runs of all clones ended, as the registry has it. */
export class RunShelf {
  readonly #known = new KnownRuns();
  readonly #found: Kept<FoundRuns>;
  #asked = 0;

  /** @param changed told when there are others than before */
  constructor(registry: () => Promise<string | undefined>, changed: () => void, signal: AbortSignal) {
    const read = async (): Promise<FoundRuns> => {
      const since = new Date(Date.now() - longest * day);
      return this.#known.read(await registry(), await applicationHere(), { since, signal });
    };
    const marks = ({ runs, flawed }: FoundRuns) => [runs[0]?.tag, runs.length, flawed];
    this.#found = new Kept(read, changed, marks);
  }

  /** As they are, or were a moment ago; newest first. */
  async found(): Promise<FoundRuns> {
    if (Date.now() - this.#asked > old) this.refresh().catch(() => {});
    return this.#found.value();
  }

  refresh(): Promise<FoundRuns> {
    this.#asked = Date.now();
    return this.#found.refresh();
  }
}
