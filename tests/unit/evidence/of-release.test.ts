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
  expect(missing).toEqual(claims.slice(3).filter((claim) => claim !== "break-glass/production"));
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
  await expect(assertProved("staging", release, {})).rejects.toThrow("it is about the commit bbbbbbbbbbbb");
});

test("a broken glass opens production and nothing else, and tells why", async () => {
  await prove("build");
  await prove("break-glass/production", { fields: { reason: "it burns", approver: "ann@home" } });
  await assertProved("production", release, {});
  await expect(assertProved("prodlike", release, {})).rejects.toThrow("may not run in prodlike");
  const { evidence } = await evidenceOf(release);
  expect(brokenGlass(evidence)).toMatchObject({ reason: "it burns", approver: "ann@home" });
});
