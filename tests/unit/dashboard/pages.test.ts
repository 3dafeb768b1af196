import { expect, test } from "vitest";
import type { Session } from "../../../dashboard/access/sessions.ts";
import type { Role } from "../../../dashboard/access/users.ts";
import type { Overview } from "../../../dashboard/overview.ts";
import { type ApproveView, approvePage } from "../../../dashboard/pages/approve.ts";
import { nowPage } from "../../../dashboard/pages/now.ts";
import { type ReleaseView, releasePage } from "../../../dashboard/pages/release.ts";
import type { ReleaseEvidence } from "../../../evidence/of-release.ts";
import { predicates } from "../../../evidence/statement.ts";
import type { EnvironmentStatus } from "../../../pipeline/status.ts";

/** What somebody could put into a commit message, a branch's or a test's name. */
const evil = `"><script>alert(1)</script>\u001b[2J\u0007\u202e'&`;
const shownEvil = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\x07\\u202e&#39;&amp;";

const session = (role: Role): Session => ({
  id: "id",
  token: "the-token",
  user: { name: "Ann", role, emails: [], password: "the-hash" },
});

const commit = { commit: "a".repeat(40), subject: evil, author: evil, on: new Date("2026-01-01T00:00:00Z") };
const status: EnvironmentStatus = {
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
    { digest: `sha256:${"d".repeat(64)}`, flaw: evil },
  ],
  missing: [],
};
const overview: Overview = {
  lanes: [{ status, commit }],
  rows: [{ commit, standing: "not delivered", cells, runsIn: ["staging"], reason: evil }],
  attention: [{ kind: "bad", what: evil, why: evil }],
  unread: [evil],
};
const production = { commit: "b".repeat(40), between: { commits: [commit], more: true, lost: 2 } };
const release: ReleaseView = {
  commit,
  standing: "ready",
  reason: evil,
  cells,
  steps: [{ number: 1, name: "check out the commit", claim: "unit-tests" }],
  run,
  proof,
  production,
};
const diff = {
  environment: "production" as const,
  exists: true,
  from: undefined,
  to: proof.release,
  changes: [{ kind: "replace" as const, what: evil, details: [evil] }],
  irreversible: [evil],
  notUndone: [evil],
};
const approve: ApproveView = {
  commit,
  proof,
  preview: { state: "known", diff, hash: "f".repeat(64), at: new Date() },
  production,
  standing: { counting: [], void: [], lacking: 1 },
  approvers: 1,
};

const pages = {
  now: () => nowPage(session("operate"), overview),
  release: () => releasePage(session("operate"), release),
  approve: () => approvePage(session("approve"), { ...approve, bar: evil, held: evil }),
  closed: () => approvePage(session("approve"), { ...approve, closed: evil }),
};

test.each(Object.entries(pages))(
  "the page %s shows whatever others wrote as text, and nothing of it acts",
  async (_name, page) => {
    const text = String(await page());
    expect(text).toContain(shownEvil);
    expect(text).not.toContain("<script>");
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toContain("the-hash");
    // Only the dashboard's own files, and nothing inline, as its policy demands.
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  },
);

test("each part that changes by itself has a name by which it is found again", async () => {
  for (const page of Object.values(pages)) {
    const text = String(await page());
    const live = text.match(/<[^>]*\sdata-live[^>]*>/g) ?? [];
    expect(live.length).toBeGreaterThan(0);
    for (const tag of live) expect(tag).toMatch(/\sid="/);
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("who may only look is offered nothing to press", async () => {
  expect(String(await nowPage(session("view"), overview))).not.toContain("/deliver");
  expect(String(await nowPage(session("operate"), overview))).toContain(`action="/releases/${commit.commit}/deliver"`);
});

test.each([
  ["it may be approved", {}, false],
  ["an approval would not count", { bar: "Ann wrote the commit" }, true],
  ["it was rejected", { closed: "Bob rejected it" }, true],
  ["what would change is not known", { preview: { state: "working" as const } }, true],
  ["Pulumi cannot tell", { preview: { state: "failed" as const, why: "no engine" } }, true],
])("the button is there to press only where it does something: %s", async (_why, more, off) => {
  const text = String(await approvePage(session("approve"), { ...approve, ...more }));
  const button = /<button id="approve"[^>]*>/.exec(text)?.[0] ?? "";
  expect(/\sdisabled/.test(button)).toBe(off);
});

test("what can lose something comes with a warning, and the form says what was read", async () => {
  const text = String(await pages.approve());
  expect(text).toContain("Irreversible:");
  expect(text).toContain("Not undone:");
  expect(text).toContain(`name="diff" value="${"f".repeat(64)}"`);
  expect(text).toContain("2 commit(s) that this release does not have");
});
