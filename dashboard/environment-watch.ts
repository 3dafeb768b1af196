import type { BrokenGlass } from "../evidence/of-release.ts";
import { type EnvironmentDrift, environmentDrift } from "../pipeline/drift/drift.ts";
import { sentence } from "../pipeline/drift/words.ts";
import { environmentFacts } from "../pipeline/facts.ts";
import { type StackUpdate, stackHistory } from "../pipeline/stack-history.ts";
import { stackOutputs } from "../pipeline/stack-state.ts";
import { glassOf, lookAt, type Seen } from "../pipeline/status.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { followEngine } from "../swarm/events.ts";
import { Kept } from "./kept.ts";
import { soon } from "./topics.ts";

/** An environment as it is now. */
export interface Now extends Seen {
  /** Where its Swarm is not as Pulumi says, in words; absent as long as nobody can tell. */
  drift?: string[];
}

/** How old what Pulumi says may be when somebody opens a page, in milliseconds. */
const old = 60_000;

/** How often Pulumi is asked at most while Swarm's services change. */
const calm = 5_000;

/** How often Swarm is compared with what Pulumi says at most while something changes, and at least while pages are opened. */
const compared = { calm: 10_000, old: 300_000 } as const;

/** What was changed by hand; what a run changes just now is left to it. */
const sentencesOf = ({ state, differences }: EnvironmentDrift): string[] | undefined =>
  state === "drifted" || state === "as it should be" ? differences.map(sentence) : undefined;

/** How many of Pulumi's updates are shown at most. */
const shown = 30;

/** One environment as it is now: Pulumi says what was deployed, Swarm what runs, and its events when that is to be asked again. */
export class EnvironmentWatch {
  readonly #facts: Kept<ReturnType<typeof environmentFacts>>;
  readonly #now: Kept<Now>;
  readonly #updates: Kept<StackUpdate[]>;
  readonly #drift: Kept<string[] | undefined>;
  readonly #followed = new Map<string, AbortController>();
  readonly #signal: AbortSignal;
  /** Swarm knows of a task some moments after the engine that runs it. */
  readonly #looks: readonly (() => void)[];
  readonly #askPulumi: () => void;
  readonly #compare: () => void;
  #asked = 0;
  #updatesAsked = 0;
  #broken: { commit: string; asked: number; by: Promise<BrokenGlass | undefined> } | undefined;
  #comparedOn = 0;

  constructor(environment: EnvironmentName, changed: () => void, signal: AbortSignal) {
    this.#signal = signal;
    this.#facts = new Kept(
      async () => environmentFacts(environment, await stackOutputs(environment, signal)),
      () => this.#look(),
    );
    this.#now = new Kept(async () => {
      const facts = await this.#facts.value();
      const seen = await lookAt(environment, facts, (release) => this.#glass(release));
      const drift = this.#drift.last();
      return { ...seen, ...(drift ? { drift } : {}) };
    }, changed);
    this.#drift = new Kept(
      async () => sentencesOf(await environmentDrift(environment, signal)),
      () => this.#look(),
    );
    this.#compare = soon(() => {
      this.#comparedOn = Date.now();
      // The first one is a change, too: there was none to show.
      const first = this.#drift.last() === undefined;
      this.#drift.refresh().then(
        () => first && this.#look(),
        () => {},
      );
    }, compared.calm);
    this.#updates = new Kept(() => stackHistory(environment, shown, signal), changed);
    this.#looks = [100, 600, 2_000].map((milliseconds) => soon(() => this.#look(), milliseconds));
    this.#askPulumi = soon(() => void this.refresh().catch(() => {}), calm);
  }

  /** As it is now, or was a moment ago. */
  async now(): Promise<Now> {
    if (Date.now() - this.#asked > old) this.refresh().catch(() => {});
    if (Date.now() - this.#comparedOn > compared.old) this.#compare();
    return this.#now.value();
  }

  /** What Pulumi did there, newest first, as it says now or said a moment ago. */
  async updates(): Promise<StackUpdate[]> {
    if (Date.now() - this.#updatesAsked > old) {
      this.#updatesAsked = Date.now();
      this.#updates.refresh().catch(() => {});
    }
    return this.#updates.value();
  }

  /** Asks again what was deployed there, and what runs. */
  async refresh(): Promise<void> {
    this.#asked = Date.now();
    // Asked for only where a page shows it.
    this.#updatesAsked = 0;
    const facts = await this.#facts.refresh();
    // Only of embedded nodes each: others are a login to every host, and their manager tells what is deployed.
    const here = facts?.nodes.filter(({ container }) => container !== undefined) ?? [];
    this.#follow(facts ? [facts.engine, ...here.map(({ engine }) => engine)] : []);
  }

  /** Who broke the glass for what runs: that comes with the release, and the registry is not asked each time that a task changes. */
  #glass(release: Release): Promise<BrokenGlass | undefined> {
    if (this.#broken?.commit !== release.commit || Date.now() - this.#broken.asked > old) {
      this.#broken = { commit: release.commit, asked: Date.now(), by: glassOf(release) };
    }
    return this.#broken.by;
  }

  #look(): void {
    this.#now.refresh().catch(() => {});
  }

  #follow(engines: readonly string[]): void {
    for (const [address, following] of this.#followed) {
      if (engines.includes(address)) continue;
      following.abort();
      this.#followed.delete(address);
    }
    for (const address of new Set(engines)) {
      if (this.#followed.has(address)) continue;
      const following = new AbortController();
      this.#followed.set(address, following);
      const until = AbortSignal.any([this.#signal, following.signal]);
      void followEngine(address, (type) => this.#happened(type === "service"), until);
    }
  }

  #happened(deployed: boolean): void {
    for (const look of this.#looks) look();
    if (deployed) this.#askPulumi();
    this.#compare();
  }
}
