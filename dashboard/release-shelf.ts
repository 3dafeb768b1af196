import { evidenceOf, type ReleaseEvidence } from "../evidence/of-release.ts";
import { resolveCommit } from "../pipeline/git.ts";
import { platformOf } from "../pipeline/platform-outputs.ts";
import { type Described, described, releaseOf } from "../pipeline/releases.ts";
import { stackOutputs } from "../pipeline/stack-state.ts";
import { Kept } from "./kept.ts";

/** How old what the registry said of a release may be when somebody looks at it, in milliseconds. */
const old = 30_000;

/** How many releases are remembered; a piece of evidence is a few kilobytes. */
const most = 300;

interface Shelved {
  evidence: Kept<ReleaseEvidence | undefined>;
  asked: number;
}

/** What releases have proved, as the registry has it. */
export class ReleaseShelf {
  readonly #changed: (commit: string) => void;
  readonly #signal: AbortSignal;
  readonly #shelf = new Map<string, Shelved>();
  readonly #descriptions = new Map<string, Promise<Described>>();
  #registry: Promise<string | undefined> | undefined;

  /** @param changed told of each commit whose release has proved more than before */
  constructor(changed: (commit: string) => void, signal: AbortSignal) {
    this.#changed = changed;
    this.#signal = signal;
  }

  /** What a commit's release has proved; undefined where nothing was built from it. */
  async evidence(commit: string): Promise<ReleaseEvidence | undefined> {
    const shelved = this.#of(commit);
    const isOld = Date.now() - shelved.asked > old;
    if (isOld) this.refresh(commit).catch(() => {});
    return shelved.evidence.value();
  }

  /** Asks the registry again. */
  refresh(commit: string): Promise<ReleaseEvidence | undefined> {
    const shelved = this.#of(commit);
    shelved.asked = Date.now();
    return shelved.evidence.refresh();
  }

  /** Where it is; undefined as long as there is none. */
  async registry(): Promise<string | undefined> {
    const signal = this.#signal;
    this.#registry ??= stackOutputs("delivery", signal).then((outputs) => platformOf(outputs)?.registry);
    const found = await this.#registry.catch((error: unknown) => {
      this.#registry = undefined;
      throw error;
    });
    if (found === undefined) this.#registry = undefined;
    return found;
  }

  #of(commit: string): Shelved {
    const known = this.#shelf.get(commit);
    const shelved = known ?? {
      evidence: new Kept(
        () => this.#read(commit),
        () => this.#changed(commit),
      ),
      asked: 0,
    };
    // Put last, as the one that was asked for last.
    this.#shelf.delete(commit);
    this.#shelf.set(commit, shelved);
    const [first] = this.#shelf.keys();
    if (this.#shelf.size > most && first !== undefined) this.#shelf.delete(first);
    return shelved;
  }

  async #read(commit: string): Promise<ReleaseEvidence | undefined> {
    const signal = this.#signal;
    const registry = await this.registry();
    if (registry === undefined) return undefined;
    const release = await releaseOf(commit, { registry, ...(await this.#described()) }, signal);
    return release && evidenceOf(release, { signal });
  }

  async #described(): Promise<Described> {
    const head = await resolveCommit("HEAD");
    const known = this.#descriptions.get(head);
    if (known) return known;
    const reading = described(head, this.#signal);
    this.#descriptions.clear();
    this.#descriptions.set(head, reading);
    reading.catch(() => this.#descriptions.clear());
    return reading;
  }
}
