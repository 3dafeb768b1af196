import { hashOf } from "../pipeline/approval.ts";
import type { EnvironmentDiff } from "../pipeline/diff.ts";
import { previewRelease } from "../pipeline/preview.ts";
import type { EnvironmentStatus } from "../pipeline/status.ts";
import type { Release } from "../settings/release.ts";
import { problemOf } from "./problem.ts";
import type { Topics } from "./topics.ts";

/** What a release would change in production, as far as it is worked out. */
export type Preview =
  | { state: "working" }
  | { state: "known"; diff: EnvironmentDiff; hash: string; at: Date }
  | { state: "failed"; why: string };

interface Desk {
  release: Release;
  now: Preview;
  asked: number;
  /** Asked for while it was worked out. */
  again: boolean;
}

/** How long what was worked out is shown before it is looked at again, in milliseconds, while nothing says that it changed. */
const old = 60_000;

/** How many releases' previews are remembered. */
const most = 20;

/** What of production a preview depends on; how many tasks run while it changes is nothing of it. */
const madeOf = ({ state, release, services }: EnvironmentStatus): string =>
  JSON.stringify([
    state === "unreachable" || state === "not created",
    release,
    services.map(({ name, image, scale, update }) => [name, image, scale, update]),
  ]);

/** The change of production that each release under review would make: worked out by Pulumi, again when production changes. */
export class Previews {
  readonly #desks = new Map<string, Desk>();
  readonly #topics: Topics;
  readonly #signal: AbortSignal;
  #production = "";

  constructor(topics: Topics, signal: AbortSignal) {
    this.#topics = topics;
    this.#signal = signal;
  }

  /** What is known of it now; the rest is told by its topic. */
  of(release: Release): Preview {
    const { commit } = release;
    const desk = this.#desks.get(commit) ?? { release, now: { state: "working" }, asked: 0, again: false };
    this.#desks.delete(commit);
    this.#desks.set(commit, desk);
    const [first] = this.#desks.keys();
    if (this.#desks.size > most && first !== undefined) this.#desks.delete(first);
    if (desk.asked === 0 || (desk.now.state !== "working" && Date.now() - desk.asked > old)) void this.#work(desk);
    return desk.now;
  }

  /** Production may be another than before: what somebody has before them is worked out again. */
  see(production: EnvironmentStatus): void {
    const now = madeOf(production);
    if (now === this.#production) return;
    const first = this.#production === "";
    this.#production = now;
    if (first) return;
    for (const [commit, desk] of this.#desks) {
      if (this.#topics.isHeard(`preview/${commit}`)) void this.#work(desk);
      else this.#desks.delete(commit);
    }
  }

  async #work(desk: Desk): Promise<void> {
    const working = desk.asked > 0 && desk.now.state === "working";
    if (working || desk.again) {
      desk.again = true;
      return;
    }
    desk.again = true;
    while (desk.again) {
      desk.again = false;
      desk.asked = Date.now();
      const { release } = desk;
      const found = await previewRelease("production", { release, signal: this.#signal, progress: () => {} }).then(
        (diff): Preview => ({ state: "known", diff, hash: hashOf(diff), at: new Date() }),
        (error: unknown): Preview => ({ state: "failed", why: problemOf(error).text }),
      );
      desk.now = found;
    }
    this.#topics.tell(`preview/${desk.release.commit}`);
  }
}
