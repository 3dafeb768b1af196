import type { EnvironmentName } from "../../settings/environment.ts";
import type { EnvironmentDrift } from "../drift/drift.ts";
import { sentence } from "../drift/words.ts";
import type { Tell } from "./events.ts";

export interface DriftWatchOptions {
  /** How often to compare, in seconds. */
  interval: number;
  tell: Tell;
  signal: AbortSignal;
  compare: (signal: AbortSignal) => Promise<EnvironmentDrift[]>;
}

/** What was told of an environment and still holds. */
interface Told {
  differences: ReadonlySet<string>;
  /** Why nobody can tell. */
  reason?: string;
}

const nothing: Told = { differences: new Set() };

/** Compares environments with what Pulumi says, and tells each difference once, and once that all of them are gone. */
export class DriftWatch {
  readonly #options: DriftWatchOptions;
  readonly #told = new Map<EnvironmentName, Told>();
  #due = 0;
  #fault: string | undefined;

  constructor(options: DriftWatchOptions) {
    this.#options = options;
  }

  /** Compares, if it is time to. Never throws, but for an interruption. */
  async look(now: number = Date.now()): Promise<void> {
    if (now < this.#due) return;
    const { interval, compare, signal, tell } = this.#options;
    this.#due = now + interval * 1_000;
    try {
      for (const one of await compare(signal)) this.#tell(one);
      this.#fault = undefined;
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#fault) tell({ type: "drift-unknown", reason });
      this.#fault = reason;
    }
  }

  #tell({ environment, state, differences, reason }: EnvironmentDrift): void {
    const { tell } = this.#options;
    const told = this.#told.get(environment) ?? nothing;
    // What somebody changes just now is looked at when they have done.
    if (state === "changing") return;
    if (state === "unreachable") {
      if (reason !== undefined && reason !== told.reason) tell({ type: "drift-unknown", environment, reason });
      this.#told.set(environment, { ...told, ...(reason === undefined ? {} : { reason }) });
      return;
    }
    const sentences = new Set(differences.map(sentence));
    const news = [...sentences].filter((text) => !told.differences.has(text));
    if (news.length > 0) tell({ type: "drift", environment, differences: news });
    if (sentences.size === 0 && told.differences.size > 0) tell({ type: "drift-gone", environment });
    this.#told.set(environment, { differences: sentences });
  }
}
