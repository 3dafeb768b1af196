import { expect, test } from "vitest";

import {
  type ApprovalRules,
  barred,
  type Decision,
  decisionsIn,
  type Involved,
  rejectionIn,
  signersOf,
  standing,
} from "../../../evidence/approvals.ts";
import type { Evidence } from "../../../evidence/of-release.ts";

const said = (decision: string, minute: number, more: Partial<Evidence> = {}): Evidence =>
  ({
    digest: "sha256:1",
    claim: "approval/production",
    signer: "Ann",
    emails: ["ann@example.org"],
    finishedOn: new Date(Date.UTC(2026, 0, 1, 0, minute)),
    statement: { predicate: { decision, diff: { sha256: "d1" }, approver: "ann@home", reason: "why" } },
    ...more,
  }) as unknown as Evidence;

test("decisions are told in the order in which they were taken", () => {
  expect(decisionsIn([])).toEqual([]);
  const both = decisionsIn([said("rejected", 2), said("approved", 1)]);
  expect(both.map(({ decision }) => decision)).toEqual(["approved", "rejected"]);
  expect(both[0]).toMatchObject({ signer: "Ann", emails: ["ann@example.org"], diff: "d1", reason: "why" });
});

test("a rejection is for good, whatever is said later", () => {
  const all = decisionsIn([said("rejected", 1), said("approved", 2)]);
  expect(rejectionIn(all)).toMatchObject({ decision: "rejected", reason: "why" });
  expect(rejectionIn(decisionsIn([said("approved", 2)]))).toBeUndefined();
});

test("what has a flaw, is no decision, or is of something else does not count", () => {
  const none = [
    said("approved", 3, { flaw: "it is signed by a key that is not trusted" }),
    said("perhaps", 4),
    said("approved", 5, { claim: "build" }),
  ];
  expect(decisionsIn(none)).toEqual([]);
});

test("who ran a release's steps is told by the keys that signed them, and not by approvals or what has a flaw", () => {
  const evidence = [
    said("", 1, { claim: "build", signer: "ci" }),
    said("", 1, { claim: "unit-tests", signer: "thief", flaw: "edited" }),
    said("approved", 2),
  ];
  expect(signersOf(evidence)).toEqual(["ci"]);
});

const now = new Date("2026-01-10T12:00:00Z");
const rules: ApprovalRules = { approvers: 2, approveOwn: false, approvalHours: 24 };
const involved: Involved = { authors: ["bob@example.org"], signers: ["ci"] };

const approval = (signer: string, more: Partial<Decision> = {}): Decision => ({
  decision: "approved",
  diff: "d1",
  approver: `${signer}@home`,
  signer,
  emails: [`${signer.toLowerCase()}@example.org`],
  on: new Date("2026-01-10T11:00:00Z"),
  ...more,
});

test("as many people as the rules want have to approve exactly this change", () => {
  const decisions = [approval("Ann"), approval("Cem")];
  const { counting, lacking } = standing(decisions, { hash: "d1", rules, involved, now });
  expect([counting.map(({ signer }) => signer), lacking]).toEqual([["Ann", "Cem"], 0]);
});

test("one person is one, however often they approve", () => {
  expect(standing([approval("Ann"), approval("Ann")], { hash: "d1", rules, involved, now }).lacking).toBe(1);
});

test("somebody has to approve where the rules want nobody and it is asked for", () => {
  const none = { ...rules, approvers: 0 };
  expect(standing([], { hash: "d1", rules: none, involved, now }).lacking).toBe(1);
  expect(standing([approval("Ann")], { hash: "d1", rules: none, involved, now }).lacking).toBe(0);
});

test.each<[string, Decision, RegExp]>([
  ["of another change", approval("Ann", { diff: "d2" }), /another change/],
  ["too old", approval("Ann", { on: new Date("2026-01-09T11:59:59Z") }), /older than 24 hours/],
  ["of who wrote the commit", approval("Bob"), /Bob wrote the commit/],
  ["of who wrote it, in other letters", approval("Bob", { emails: ["BOB@Example.org"] }), /Bob wrote the commit/],
  ["of who ran its steps", approval("ci"), /ci ran its steps/],
  ["of somebody whose addresses nobody knows", approval("Dan", { emails: [] }), /no e-mail address of Dan is known/],
])("an approval that is %s does not count, and it is told why", (_, decision, reason) => {
  const found = standing([decision], { hash: "d1", rules, involved, now });
  expect([found.counting, found.lacking]).toEqual([[], 2]);
  expect(found.void[0]?.reason).toMatch(reason);
});

test("where everybody may approve, who wrote the commit and ran its steps may, too", () => {
  for (const signer of ["Bob", "ci"]) expect(barred(approval(signer), { approveOwn: true }, involved)).toBeUndefined();
});

test("without a change to compare with, approvals of any change count", () => {
  expect(standing([approval("Ann", { diff: "d2" })], { rules, involved, now }).counting).toHaveLength(1);
});

const person = (name: string, email: string) => ({ name, emails: [email] });
const byDashboard = (minute: number, who: unknown, vouches = true): Evidence =>
  said("approved", minute, {
    signer: "dashboard",
    emails: [],
    vouches,
    finishedOn: new Date(now.getTime() - minute * 60_000),
    statement: { predicate: { decision: "approved", diff: { sha256: "d1" }, approver: "x", person: who } },
  } as unknown as Partial<Evidence>);

test("two people for whom one key vouches are two, each by their own addresses", () => {
  const decisions = decisionsIn([
    byDashboard(1, person("Ann", "ann@example.org")),
    byDashboard(2, person("Cem", "cem@example.org")),
    byDashboard(3, person("Bob", "BOB@example.org")),
  ]);
  const found = standing(decisions, { hash: "d1", rules, involved, now });
  expect(found.counting.map(({ signer }) => signer)).toEqual(["Cem, by dashboard", "Ann, by dashboard"]);
  expect(found.void.map(({ reason }) => reason)).toEqual([
    "Bob, by dashboard wrote the commit, and others have to approve it",
  ]);
});

test("whom a key names that does not vouch for others is nobody: the word is that of who has it", () => {
  const both = [
    byDashboard(1, person("Ann", "ann@example.org"), false),
    byDashboard(2, person("Cem", "c@d.org"), false),
  ];
  const decisions = decisionsIn(both);
  expect(decisions.map(({ signer, emails }) => [signer, emails])).toEqual([
    ["dashboard", []],
    ["dashboard", []],
  ]);
  const own = { ...rules, approveOwn: true };
  expect(standing(decisions, { hash: "d1", rules: own, involved, now }).lacking).toBe(1);
});

test("somebody who approves by a key and by a login is one person", () => {
  const recent = new Date(now.getTime() - 60_000);
  const decisions = decisionsIn([
    said("approved", 1, { finishedOn: recent }),
    byDashboard(1, person("Ann Other", "ANN@example.org")),
  ]);
  expect(standing(decisions, { hash: "d1", rules, involved, now })).toMatchObject({ lacking: 1 });
});
