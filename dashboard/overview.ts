import { decisionsIn, rejectionIn } from "../evidence/approvals.ts";
import { type Claim, demandedBy } from "../evidence/claims.ts";
import type { ReleaseEvidence } from "../evidence/of-release.ts";
import type { CommitFacts } from "../pipeline/commits.ts";
import type { FollowedRun, FollowedStep } from "../pipeline/progress-file.ts";
import type { EnvironmentStatus } from "../pipeline/status.ts";
import type { EnvironmentName } from "../settings/environment.ts";

/** One of the nine steps of a release, as far as it is known here. */
export interface Cell {
  number: number;
  name: string;
  outcome: FollowedStep["outcome"] | "superseded";
}

/** How a release stands. */
export type Standing =
  | "running"
  | "failed"
  | "stopped"
  | "rejected"
  | "in production"
  | "ready"
  | "superseded"
  | "was in production"
  | "on its way"
  | "not delivered";

/** A commit, and how far it came. */
export interface Row {
  commit: CommitFacts;
  standing: Standing;
  cells: Cell[];
  /** Where it runs now. */
  runsIn: EnvironmentName[];
  /** The last run of it from this clone. */
  run?: FollowedRun;
  /** Why it failed, was stopped or rejected. */
  reason?: string;
  /** Since when it stands like that, where that is known. */
  since?: Date;
}

/** An environment, with what git says of what it runs. */
export interface Lane {
  status: EnvironmentStatus;
  commit?: CommitFacts;
  /** What was changed by hand there, in words. */
  drift?: readonly string[];
}

/** Something that wants somebody. */
export interface Attention {
  kind: "bad" | "careful" | "good";
  what: string;
  why?: string;
  since?: Date;
  /** The page that says more. */
  href?: string;
  /** What to do there, if anything. */
  act?: string;
}

/** All that the first page shows. */
export interface Overview {
  lanes: Lane[];
  rows: Row[];
  attention: Attention[];
  /** What could not be read, and why. */
  unread: string[];
}

/** What the nine steps are called, and what their evidence is of. */
export interface KnownStep {
  number: number;
  name: string;
  claim?: Claim;
}

export interface Sources {
  environments: readonly EnvironmentStatus[];
  /** What was changed by hand, in words, where somebody can tell. */
  drift?: ReadonlyMap<EnvironmentName, readonly string[]>;
  /** In git's order, newest first. */
  commits: readonly CommitFacts[];
  proofs: ReadonlyMap<string, ReleaseEvidence>;
  runs: readonly FollowedRun[];
  steps: readonly KnownStep[];
}

const provedIn = ({ evidence }: ReleaseEvidence): Set<Claim | undefined> =>
  new Set(evidence.filter(({ flaw }) => flaw === undefined).map(({ claim }) => claim));

/** What a run says of its steps, and before that what is proved. */
export function cellsOf(
  steps: readonly KnownStep[],
  proof: ReleaseEvidence | undefined,
  run: FollowedRun | undefined,
): Cell[] {
  const proved = proof ? provedIn(proof) : new Set();
  return steps.map(({ number, name, claim }) => {
    const followed = run?.steps.find((step) => step.number === number);
    const stopped = followed?.outcome === "running" && run?.outcome !== undefined;
    const known = claim ? proved.has(claim) : proved.size > 0;
    if (followed && !stopped) return { number, name, outcome: followed.outcome };
    if (known) return { number, name, outcome: "passed" };
    return { number, name, outcome: run?.outcome === "superseded" ? "superseded" : "not reached" };
  });
}

type Stood = Pick<Row, "standing" | "reason" | "since">;

const when = (since: Date | undefined): { since?: Date } => (since ? { since } : {});

/** What is proved of a release, and where production is, as one word. */
function provedStanding(proof: ReleaseEvidence | undefined, { newer }: { newer: boolean }): Stood {
  if (!proof) return { standing: "not delivered" };
  const { evidence } = proof;
  const rejection = rejectionIn(decisionsIn(evidence));
  if (rejection) {
    const { approver, reason, on } = rejection;
    return { standing: "rejected", since: on, reason: `${approver}: ${reason ?? ""}` };
  }
  const proved = provedIn(proof);
  if (proved.has("deploy/production")) return { standing: "was in production" };
  const ready = demandedBy("production").every((claim) => proved.has(claim));
  const last = evidence.findLast(({ claim }) => claim === "readiness/prodlike");
  if (ready) return { standing: newer ? "ready" : "superseded", ...when(last?.finishedOn) };
  return { standing: newer ? "on its way" : "superseded" };
}

function standingOf(
  proof: ReleaseEvidence | undefined,
  run: FollowedRun | undefined,
  place: { newer: boolean; inProduction: boolean },
): Stood {
  if (run && !run.outcome) return { standing: "running", since: run.startedOn };
  if (place.inProduction) return { standing: "in production" };
  const failed = run?.steps.find(({ outcome }) => outcome === "failed");
  if (run?.outcome === "failed" && place.newer) {
    return { standing: "failed", ...when(run.endedOn), reason: `${failed?.name ?? "it"}: ${failed?.reason ?? ""}` };
  }
  const proved = provedStanding(proof, place);
  const unfinished = proved.standing === "on its way" || proved.standing === "not delivered";
  if (run?.outcome === "failed" && unfinished) return { standing: "failed", ...when(run.endedOn) };
  if (run?.outcome === "superseded" && unfinished) return { standing: "superseded", ...when(run.endedOn) };
  if (run?.outcome === "stopped" && unfinished) {
    return { standing: "stopped", ...when(run.endedOn), ...(run.reason ? { reason: run.reason } : {}) };
  }
  return proved;
}

function rowsOf({ environments, commits, proofs, runs, steps }: Sources): Row[] {
  const inProduction = environments.find(({ environment }) => environment === "production")?.release?.commit;
  const place = commits.findIndex(({ commit }) => commit === inProduction);
  return commits.map((commit, index) => {
    const proof = proofs.get(commit.commit);
    const run = runs.find((one) => one.commit === commit.commit);
    const newer = place < 0 || index < place;
    return {
      commit,
      ...standingOf(proof, run, { newer, inProduction: commit.commit === inProduction }),
      cells: cellsOf(steps, proof, run),
      runsIn: environments.flatMap(({ environment, release }) =>
        release?.commit === commit.commit ? [environment] : [],
      ),
      ...(run ? { run } : {}),
    };
  });
}

const attentionOfLane = ({ environment, state, reasons, brokenGlass }: EnvironmentStatus): Attention[] => {
  const [why] = reasons;
  const ill: Attention[] =
    state === "degraded" || state === "unreachable"
      ? [
          {
            kind: "bad",
            what: `${environment} is ${state}`,
            href: `/environments/${environment}`,
            ...(why ? { why } : {}),
          },
        ]
      : [];
  if (!brokenGlass) return ill;
  const { approver, reason, on } = brokenGlass;
  return [
    ...ill,
    { kind: "bad", what: `${approver} broke the glass for what ${environment} runs`, why: reason, since: on },
  ];
};

/** What was changed by hand in an environment. */
function attentionOfDrift([environment, sentences]: [EnvironmentName, readonly string[]]): Attention[] {
  const [first, ...others] = sentences;
  if (first === undefined) return [];
  const why = others.length > 0 ? `${first}, and ${others.length} more` : first;
  return [{ kind: "careful", what: `${environment} was changed by hand`, why, href: `/environments/${environment}` }];
}

/** From when on commits that production does not have wait too long, in milliseconds. */
const stale = 7 * 86_400_000;

/** That production has not been brought up to date for long. */
function attentionOfAge({ environments, commits }: Sources, now: number): Attention[] {
  const running = environments.find(({ environment }) => environment === "production")?.release?.commit;
  const place = commits.findIndex(({ commit }) => commit === running);
  const oldest = commits[place - 1];
  if (!oldest || now - oldest.on.getTime() < stale) return [];
  const what = `production is ${place} commit${place === 1 ? "" : "s"} behind`;
  return [
    {
      kind: "careful",
      what,
      why: `${oldest.subject} waits longest`,
      since: oldest.on,
      href: `/releases/${oldest.commit}`,
    },
  ];
}

function attentionOfRow({ commit, standing, reason, since }: Row): Attention[] {
  const about = { href: `/releases/${commit.commit}`, ...(since ? { since } : {}), ...(reason ? { why: reason } : {}) };
  if (standing === "failed") return [{ kind: "bad", what: `${commit.subject}: a step said no`, ...about }];
  if (standing === "stopped") return [{ kind: "careful", what: `${commit.subject}: its run was stopped`, ...about }];
  if (standing === "ready") {
    const href = `/releases/${commit.commit}/approve`;
    return [{ kind: "good", what: `${commit.subject}: waits for approval`, ...about, href, act: "Review" }];
  }
  return [];
}

const order = { bad: 0, good: 1, careful: 2 } as const;

/** How many releases ask for attention at most; those are the newest. */
const asking = 5;

/** How many of the newest commits are shown though nothing was done with them. */
const untouched = 3;

/** Puts together what the first page shows. */
export function overviewOf(sources: Sources, now: number = Date.now()): Omit<Overview, "unread"> {
  const rows = rowsOf(sources);
  const ofCommit = new Map(sources.commits.map((one) => [one.commit, one]));
  const lanes = sources.environments.map((status) => {
    const commit = ofCommit.get(status.release?.commit ?? "");
    const drift = sources.drift?.get(status.environment);
    return { status, ...(commit ? { commit } : {}), ...(drift ? { drift } : {}) };
  });
  const place = rows.findIndex(({ standing }) => standing === "in production");
  // What production has left behind wants nobody any more.
  const newer = place < 0 ? rows : rows.slice(0, place);
  const attention = [
    ...sources.environments.flatMap(attentionOfLane),
    ...newer.flatMap(attentionOfRow).slice(0, asking),
    ...[...(sources.drift ?? [])].flatMap(attentionOfDrift),
    ...attentionOfAge(sources, now),
  ].toSorted((one, other) => order[one.kind] - order[other.kind]);
  const told = rows.filter(({ standing }, index) => standing !== "not delivered" || index < untouched);
  return { lanes, rows: told, attention };
}
