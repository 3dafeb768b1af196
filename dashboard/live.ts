import type { ReleaseEvidence } from "../evidence/of-release.ts";
import type { FoundRuns } from "../evidence/run-store.ts";
import type { CommitFacts } from "../pipeline/commits.ts";
import { assertRepository, resolveCommit } from "../pipeline/git.ts";
import { type HistoryEntry, joined } from "../pipeline/history.ts";
import { plainLine } from "../pipeline/plain-text.ts";
import type { FollowedRun } from "../pipeline/progress-file.ts";
import type { EnvironmentStatus } from "../pipeline/status.ts";
import { titles as steps } from "../pipeline/steps/titles.ts";
import { type EnvironmentName, environments } from "../settings/environment.ts";
import { EnvironmentWatch, type Now } from "./environment-watch.ts";
import { latestRuns } from "./latest-runs.ts";
import { LogWatch } from "./log-watch.ts";
import { type Overview, overviewOf } from "./overview.ts";
import { Previews } from "./previews.ts";
import { ReleaseShelf } from "./release-shelf.ts";
import { commitsFrom, factsOf } from "./remembered-commits.ts";
import { RunShelf } from "./run-shelf.ts";
import { RunWatch } from "./run-watch.ts";
import { shared } from "./shared.ts";
import { Topics } from "./topics.ts";

/** How many of HEAD's last commits the first page shows. */
const shown = 25;

/** How much of an environment's history its page shows. */
const entriesShown = 20;

/** All that the pages show, as it is now; asked again when something says that it has changed. */
export class Live {
  readonly topics = new Topics();
  readonly releases: ReleaseShelf;
  readonly history: RunShelf;
  readonly #environments: ReadonlyMap<EnvironmentName, EnvironmentWatch>;
  readonly #runs: RunWatch;
  readonly previews: Previews;
  readonly logs: LogWatch;
  /** What each run was seen to have done, by its commit, or the environment that it takes back. */
  readonly #seen = new Map<string, string>();
  readonly #histories = new Map(environments.map((one) => [one, shared(() => this.#historyOf(one))] as const));

  constructor(signal: AbortSignal) {
    this.logs = new LogWatch(this.topics);
    this.previews = new Previews(this.topics, signal);
    const changed = () => void this.#environmentChanged().catch(() => {});
    this.#environments = new Map(environments.map((one) => [one, new EnvironmentWatch(one, changed, signal)]));
    this.releases = new ReleaseShelf((commit) => this.#releaseChanged(commit), signal);
    const registry = () => this.releases.registry();
    this.history = new RunShelf(registry, () => this.topics.tell("history"), signal);
    this.#runs = new RunWatch(() => void this.#runsChanged().catch(() => {}), signal);
  }

  async #environmentChanged(): Promise<void> {
    this.topics.tell("environments");
    for (const status of await this.statuses()) this.previews.see(status);
  }

  #releaseChanged(commit: string): void {
    this.topics.tell("releases");
    this.topics.tell(`release/${commit}`);
  }

  /** A step that ended has changed an environment or proved something. */
  async #runsChanged(): Promise<void> {
    this.topics.tell("runs");
    const rollbacks = await this.#runs.rollbacks();
    for (const { commit, environment, steps, outcome } of [...rollbacks, ...(await this.#runs.runs())]) {
      const of = environment ?? commit;
      const ended = JSON.stringify([outcome, steps.map(({ outcome }) => outcome)]);
      const before = this.#seen.get(of);
      this.#seen.set(of, ended);
      this.topics.tell(`release/${commit}`);
      if (before === ended) continue;
      this.releases.refresh(commit).catch(() => {});
      if (outcome) this.history.refresh().catch(() => {});
      for (const environment of this.#environments.values()) environment.refresh().catch(() => {});
    }
  }

  /** Asks for all of it once, so that who comes first need not wait. */
  async begin(): Promise<void> {
    await assertRepository();
    const rollbacks = await this.#runs.rollbacks();
    for (const { commit, environment, outcome, steps } of [...rollbacks, ...(await this.#runs.runs())]) {
      this.#seen.set(environment ?? commit, JSON.stringify([outcome, steps.map(({ outcome }) => outcome)]));
    }
    this.overview().catch(() => {});
    this.history.found().catch(() => {});
  }

  /** The last run of each commit, of this clone and of others. */
  async runs(): Promise<FollowedRun[]> {
    const none: FoundRuns = { runs: [], flawed: [] };
    const [here, { runs }] = await Promise.all([this.#runs.runs(), this.history.found().catch(() => none)]);
    return latestRuns(here, runs);
  }

  /** What each environment runs, in promotion order. */
  statuses = async (): Promise<EnvironmentStatus[]> => (await this.environments()).map(({ status }) => status);

  /** The same with its services, task by task. */
  environments = (): Promise<Now[]> => Promise.all([...this.#environments.values()].map((watch) => watch.now()));

  /** What ran in an environment, newest first. */
  historyOf = (environment: EnvironmentName): Promise<HistoryEntry[]> =>
    this.#histories.get(environment)?.() ?? Promise.resolve([]);

  async #historyOf(environment: EnvironmentName): Promise<HistoryEntry[]> {
    const [updates, { runs }] = await Promise.all([
      this.#environments.get(environment)?.updates() ?? [],
      this.history.found(),
    ]);
    return joined(environment, updates, runs).slice(0, entriesShown);
  }

  /** How an environment is taken back from here, or was last. */
  rollbackOf = async (environment: EnvironmentName): Promise<FollowedRun | undefined> =>
    (await this.#runs.rollbacks()).find((run) => run.environment === environment);

  /** What the first page shows. All pages that are open ask for it when something changes. */
  overview = shared(() => this.#overview());

  async #overview(): Promise<Overview> {
    const unread = new Set<string>();
    const orElse = <Value>(other: Value) => {
      return (error: unknown): Value => {
        unread.add(plainLine(error instanceof Error ? error.message : String(error), 300));
        return other;
      };
    };
    const [watched, here, { runs: kept }] = await Promise.all([
      this.environments().catch(orElse([] as Now[])),
      this.#runs.look().catch(orElse([] as FollowedRun[])),
      this.history.found().catch(orElse({ runs: [], flawed: [] } as FoundRuns)),
    ]);
    const statuses = watched.map(({ status }) => status);
    const drift = new Map(watched.map(({ status, drift }) => [status.environment, drift ?? []]));
    const runs = latestRuns(here, kept);
    const commits = await this.#commits(statuses, runs);
    const proofs = new Map<string, ReleaseEvidence>();
    await Promise.all(
      commits.map(async ({ commit }) => {
        const evidence = await this.releases.evidence(commit).catch(orElse(undefined));
        if (evidence) proofs.set(commit, evidence);
      }),
    );
    return { ...overviewOf({ environments: statuses, drift, commits, proofs, runs, steps }), unread: [...unread] };
  }

  /** HEAD's last commits, and what runs or ran here of others, newest first. */
  async #commits(statuses: readonly EnvironmentStatus[], runs: readonly FollowedRun[]): Promise<CommitFacts[]> {
    const own = await commitsFrom(await resolveCommit("HEAD"), { limit: shown });
    const running = statuses.flatMap(({ release }) => release?.commit ?? []);
    const ran = runs.slice(0, shown).map(({ commit }) => commit);
    const missing = [...new Set([...running, ...ran])].filter((one) => !own.some(({ commit }) => commit === one));
    if (missing.length === 0) return own;
    const all = [...own, ...(await factsOf(missing))];
    return all.toSorted((one, other) => other.on.getTime() - one.on.getTime());
  }
}
