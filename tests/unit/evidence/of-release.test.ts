import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Claim, claims, demandedBy } from "../../../evidence/claims.ts";
import { keyVariable } from "../../../evidence/keys.ts";
import { assertProved, brokenGlass, evidenceOf } from "../../../evidence/of-release.ts";
import { ownKey } from "../../../evidence/project.ts";
import { predicates, writeStatement } from "../../../evidence/statement.ts";
import { attachEvidence } from "../../../evidence/store.ts";
import { environments } from "../../../settings/environment.ts";
import type { Release } from "../../../settings/release.ts";
import { MemoryRegistry } from "./memory-registry.ts";

const day = 86_400_000;

let registry: MemoryRegistry;
let release: Release;

beforeEach(async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  vi.stubEnv(keyVariable, privateKey.export({ type: "pkcs8", format: "pem" }) as string);
  registry = new MemoryRegistry();
  const host = await registry.start();
  const app = `${host}/demo/app@${registry.image("app")}`;
  release = { application: "demo", commit: "a".repeat(40), version: "1.0.0", images: { app } };
});
afterEach(() => {
  registry.stop();
  vi.unstubAllEnvs();
});

async function prove(claim: Claim, { daysAgo = 0, commit = release.commit, fields = {} } = {}): Promise<void> {
  const at = new Date(Date.now() - daysAgo * day);
  const environment = claim.split("/")[1];
  const step = { claim, application: "demo", commit, startedOn: at, finishedOn: at, runBy: "a@b", tools: {} };
  const full = environment ? { ...step, environment } : step;
  const statement = writeStatement(release, full, { type: predicates.testResult, fields });
  await attachEvidence(release, statement, await ownKey());
}

test("each environment demands what comes before its deployment", () => {
  expect(environments.map((name) => demandedBy(name).length)).toEqual([2, 4, 6]);
  expect(demandedBy("production").at(-1)).toBe("readiness/prodlike");
});

test("evidence is told in the order of the steps, and what is missing besides", async () => {
  for (const claim of ["deploy/staging", "build", "unit-tests"] as const) await prove(claim);
  const { evidence, missing } = await evidenceOf(release);
  expect(evidence.map(({ claim }) => claim)).toEqual(["unit-tests", "build", "deploy/staging"]);
  const exceptions: readonly Claim[] = ["override/production", "break-glass/production"];
  expect(missing).toEqual(claims.slice(3).filter((claim) => !exceptions.includes(claim)));
});

test("a release runs where it has proved what is demanded, and nowhere else", async () => {
  for (const claim of demandedBy("prodlike")) await prove(claim);
  await assertProved("staging", release, {});
  await assertProved("prodlike", release, {});
  await expect(assertProved("production", release, {})).rejects.toThrow(
    /^demo 1\.0\.0 \(aaaaaaaaaaaa\) may not run in production: there is no evidence that counts of deploy\/prodlike, readiness\/prodlike\n/,
  );
});

test("what was proved too long ago does not count, and that is said", async () => {
  await prove("unit-tests", { daysAgo: 100 });
  await prove("build", { daysAgo: 10 });
  await expect(assertProved("staging", release, { days: 90 })).rejects.toThrow(
    /of unit-tests\n {2}unit-tests: it is of \d{4}-\d\d-\d\d, more than 90 days ago/,
  );
  await assertProved("staging", release, { days: 101 });
});

test("evidence of another commit for the same images does not count", async () => {
  await prove("unit-tests", { commit: "b".repeat(40) });
  await prove("build");
  await expect(assertProved("staging", release, {})).rejects.toThrow(
    /there is no evidence that counts of unit-tests\n {2}unit-tests: it is about the commit bbbbbbbbbbbb\n/,
  );
});

test("a broken glass opens production and nothing else, and tells why", async () => {
  await prove("build");
  await prove("break-glass/production", { fields: { reason: "it burns", approver: "ann@home" } });
  await assertProved("production", release, {});
  await expect(assertProved("prodlike", release, {})).rejects.toThrow("may not run in prodlike");
  const { evidence } = await evidenceOf(release);
  expect(brokenGlass(evidence)).toMatchObject({ reason: "it burns", approver: "ann@home" });
});

const rules = { approvers: 1, approveOwn: false, approvalHours: 24 };

/** A person's word on the release; the key that signs all of it is this clone's. */
const decide = (decision: string, daysAgo = 0): Promise<void> =>
  prove("approval/production", {
    daysAgo,
    fields: { decision, diff: { sha256: "d" }, approver: "ann@home", reason: "why not" },
  });

test("where people have to approve, a release that nobody approved, or too long ago, does not come to production", async () => {
  for (const claim of demandedBy("production")) await prove(claim);
  const demanded = () => assertProved("production", release, { approvals: rules });
  await assertProved("production", release, { approvals: { ...rules, approvers: 0 } });
  await expect(demanded()).rejects.toThrow("0 of the 1 people who have to approved it");
  await decide("approved", 2);
  await expect(demanded()).rejects.toThrow("0 of the 1 people who have to approved it");
  await decide("approved");
  await demanded();
  await expect(assertProved("production", release, { approvals: { ...rules, approvers: 2 } })).rejects.toThrow(
    "1 of the 2",
  );
});

test("what was in production before comes back without another approval", async () => {
  for (const claim of [...demandedBy("production"), "deploy/production"] as const) await prove(claim);
  await assertProved("production", release, { approvals: rules });
});

test("what was rejected does not come to production, whatever else was said", async () => {
  for (const claim of [...demandedBy("production"), "deploy/production"] as const) await prove(claim);
  await decide("rejected", 1);
  await decide("approved");
  await expect(assertProved("production", release, { approvals: { ...rules, approvers: 0 } })).rejects.toThrow(
    "this clone rejected it: why not",
  );
});
