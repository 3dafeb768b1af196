import type { Session } from "../../../dashboard/access/sessions.ts";
import type { Role, User } from "../../../dashboard/access/users.ts";
import type { Overview } from "../../../dashboard/overview.ts";
import type { ApproveView } from "../../../dashboard/pages/approve.ts";
import type { EnvironmentView } from "../../../dashboard/pages/environment.ts";
import type { HistoryView } from "../../../dashboard/pages/history.ts";
import type { ReleaseView } from "../../../dashboard/pages/release.ts";
import type { RollbackView } from "../../../dashboard/pages/rollback.ts";
import type { ReleaseEvidence } from "../../../evidence/of-release.ts";
import { predicates } from "../../../evidence/statement.ts";
import { figuresOf } from "../../../pipeline/figures.ts";
import type { EnvironmentStatus } from "../../../pipeline/status.ts";
import { aRun } from "../evidence/a-run.ts";

/** What somebody could put into a commit message, a branch's or a test's name. */
export const evil = `"><script>alert(1)</script>\u001b[2J\u0007\u202e'&`;
export const shownEvil = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\x07\\u202e&#39;&amp;";

export const session = (role: Role): Session => ({
  id: "id",
  token: "the-token",
  user: { name: "Ann", role, emails: [], password: "the-hash" } as User,
});

export const commit = { commit: "a".repeat(40), subject: evil, author: evil, on: new Date("2026-01-01T00:00:00Z") };
export const status: EnvironmentStatus = {
  environment: "production",
  state: "degraded",
  release: { application: evil, version: evil, commit: "b".repeat(40) },
  since: new Date("2026-01-01T00:00:00Z"),
  addresses: ["http://127.0.0.1:8080"],
  services: [{ name: evil, image: "i", scale: 2, desired: 2, running: 1, update: "updating" }],
  reasons: [evil],
  lease: { owner: evil, purpose: evil, since: new Date("2026-01-01T00:00:00Z") },
  waiting: [{ owner: evil, purpose: evil, since: new Date("2026-01-01T00:00:00Z") }],
};
const cells = [{ number: 1, name: "check out the commit", outcome: "passed" as const }];
const run = {
  commit: commit.commit,
  startedOn: new Date("2026-01-01T00:00:00Z"),
  steps: [
    {
      number: 1,
      name: "check out the commit",
      outcome: "failed" as const,
      startedOn: new Date("2026-01-01T00:00:00Z"),
      seconds: 1,
      reason: evil,
      details: [evil],
      next: evil,
      probe: {
        sent: 30,
        failed: 2,
        rate: 10,
        latency: { p50: 3, p99: 20, max: 30 },
        series: { from: 0, every: 1_000, sent: [10, 10, 10], failed: [0, 2, 0], p50: [3, 4, 3], p99: [9, 20, 8] },
        events: [{ at: 1_500, what: evil }],
      },
    },
  ],
  notes: [evil],
  outcome: "failed" as const,
};
const proof: ReleaseEvidence = {
  release: { application: "demo", version: evil, commit: commit.commit, images: { [evil]: `r/${evil}@sha256:1` } },
  evidence: [
    {
      digest: `sha256:${"c".repeat(64)}`,
      claim: "unit-tests",
      signer: evil,
      runBy: evil,
      statement: {
        predicateType: predicates.testResult,
        predicate: { result: "PASSED", passedTests: [evil], skippedTests: [evil] },
      } as unknown as NonNullable<ReleaseEvidence["evidence"][number]["statement"]>,
    },
    {
      digest: `sha256:${"e".repeat(64)}`,
      claim: "approval/production",
      signer: "dashboard",
      statement: { predicate: { decision: "approved", approver: "Cem", reason: evil } } as unknown as NonNullable<
        ReleaseEvidence["evidence"][number]["statement"]
      >,
    },
    { digest: `sha256:${"d".repeat(64)}`, flaw: evil },
  ],
  missing: [],
};
export const overview: Overview = {
  lanes: [{ status, commit }],
  rows: [{ commit, standing: "not delivered", cells, runsIn: ["staging"], reason: evil }],
  attention: [{ kind: "bad", what: evil, why: evil }],
  unread: [evil],
};
const production = { commit: "b".repeat(40), between: { commits: [commit], more: true, lost: 2 } };
export const release: ReleaseView = {
  commit,
  standing: "ready",
  reason: evil,
  cells,
  steps: [{ number: 1, name: "check out the commit", claim: "unit-tests" }],
  run,
  log: [evil],
  proof,
  production,
};
export const diff = {
  environment: "production" as const,
  exists: true,
  from: undefined,
  to: proof.release,
  changes: [{ kind: "replace" as const, what: evil, details: [evil] }],
  irreversible: [evil],
  notUndone: [evil],
};
export const approve: ApproveView = {
  commit,
  proof,
  preview: { state: "known", diff, hash: "f".repeat(64), at: new Date() },
  production,
  standing: { counting: [], void: [], lacking: 1 },
  approvers: 1,
};

const suite = { number: 5, name: evil, environment: "staging" as const, seconds: 2 };
const runs = (["failed", "passed"] as const).map((outcome, index) => ({
  ...aRun({
    commit: commit.commit,
    subject: evil,
    runBy: evil,
    outcome: outcome === "failed" ? "failed" : "deployed",
    finishedOn: new Date(Date.UTC(2026, 0, 31 - index)),
    steps: [
      { ...suite, outcome, ...(outcome === "failed" ? { reason: evil, details: [`✗ ${evil}`] } : {}) },
      ...aRun().steps,
    ],
    brokenGlass: { by: evil, reason: evil },
  }),
  tag: evil,
  signer: evil,
}));
export const history: HistoryView = {
  figures: figuresOf(runs, { since: new Date(Date.UTC(2026, 0, 2)), until: new Date(Date.UTC(2026, 0, 31, 12)) }),
  days: 30,
  entries: runs.map((run) => ({ startedOn: run.startedOn, kind: "promotion", run })),
  from: 50,
  all: 120,
  flawed: [{ tag: evil, flaw: evil }],
};

export const environment: EnvironmentView = {
  status,
  commit,
  drift: [evil],
  services: [
    {
      name: evil,
      image: evil,
      forceUpdate: 0,
      replicas: { desired: 2, running: 1 },
      update: evil,
      updateMessage: evil,
      scale: 2,
      tasks: ["running", "failed"].map((state) => ({
        id: state,
        node: evil,
        state,
        desired: "running",
        image: evil,
        current: false,
        error: evil,
        exitCode: 1,
        addresses: [],
        created: new Date("2026-01-01T00:00:00Z"),
        since: new Date("2026-01-01T00:00:00Z"),
      })),
    },
  ],
  history: history.entries,
  rollback: {
    commit: commit.commit,
    environment: "production",
    startedOn: commit.on,
    steps: [],
    notes: [],
    doing: evil,
  },
};
export const rollback: RollbackView = {
  environment: "production",
  commit,
  proof,
  preview: approve.preview,
  running: production,
};
