import { hashOf } from "../pipeline/approval.ts";
import type { EnvironmentDiff } from "../pipeline/diff.ts";
import type { EnvironmentStatus } from "../pipeline/status.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { previewApart } from "./apart.ts";
import { problemOf } from "./problem.ts";
import type { Topic, Topics } from "./topics.ts";

/** What a release would change in an environment, as far as it is worked out. */
export type Preview =
  | { state: "working" }
  | { state: "known"; diff: EnvironmentDiff; hash: string; at: Date }
  | { state: "failed"; why: string };

interface Desk {
  environment: EnvironmentName;
  release: Release;
  topic: Topic;
  now: Preview;
  asked: number;
  working: boolean;
  /** Asked for while it was worked out. */
  again: boolean;
}

/** How long what was worked out is shown before it is looked at again, in milliseconds, while nothing says that it changed. */
const old = 60_000;

/** How many previews are remembered. */
const most = 20;

/** What of an environment a preview depends on; how many tasks run while it changes is nothing of it. */
const madeOf = ({ state, release, services }: EnvironmentStatus): string =>
  JSON.stringify([
    state === "unreachable" || state === "not created",
    release,
    services.map(({ name, image, scale, update }) => [name, image, scale, update]),
  ]);

/** The change that each release under review would make: worked out by Pulumi, again when the environment changes. */
export class Previews {
  readonly #desks = new Map<Topic, Desk>();
  readonly #topics: Topics;
  readonly #signal: AbortSignal;
  readonly #seen = new Map<EnvironmentName, string>();

  constructor(topics: Topics, signal: AbortSignal) {
    this.#topics = topics;
    this.#signal = signal;
  }

  /** What is known of it now; the rest is told by its topic. */
  of(environment: EnvironmentName, release: Release): Preview {
    const topic = `preview/${environment}/${release.commit}` as const;
    const desk = this.#desks.get(topic) ?? {
      environment,
      release,
      topic,
      now: { state: "working" },
      asked: 0,
      working: false,
      again: false,
    };
    this.#desks.delete(topic);
    this.#desks.set(topic, desk);
    const [first] = this.#desks.keys();
    if (this.#desks.size > most && first !== undefined) this.#desks.delete(first);
    if (!desk.working && Date.now() - desk.asked > old) void this.#work(desk);
    return desk.now;
  }

  /** An environment may be another than before: what somebody has before them is worked out again. */
  see(status: EnvironmentStatus): void {
    const { environment } = status;
    const now = madeOf(status);
    const before = this.#seen.get(environment);
    this.#seen.set(environment, now);
    if (before === undefined || before === now) return;
    for (const desk of this.#desks.values()) {
      if (desk.environment !== environment) continue;
      if (!this.#topics.isHeard(desk.topic)) this.#desks.delete(desk.topic);
      else {
        // Whoever comes meanwhile must not be shown what held before.
        desk.now = { state: "working" };
        this.#topics.tell(desk.topic);
        void this.#work(desk);
      }
    }
  }

  async #work(desk: Desk): Promise<void> {
    desk.again = desk.working;
    if (desk.working) return;
    desk.working = true;
    do {
      desk.again = false;
      desk.asked = Date.now();
      desk.now = await this.#found(desk);
    } while (desk.again);
    desk.working = false;
    this.#topics.tell(desk.topic);
  }

  #found({ environment, release }: Desk): Promise<Preview> {
    return previewApart(environment, release, this.#signal).then(
      (diff): Preview => ({ state: "known", diff, hash: hashOf(diff), at: new Date() }),
      (error: unknown): Preview => ({ state: "failed", why: problemOf(error).text }),
    );
  }
}
