import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { claims, decided } from "../../../evidence/claims.ts";
import { seal } from "../../../evidence/dsse.ts";
import { createSigningKey, publicText, type SigningKey } from "../../../evidence/keys.ts";
import type { Evidence, ReleaseEvidence } from "../../../evidence/of-release.ts";
import { stepField } from "../../../evidence/statement.ts";
import { type Descriptor, Registry } from "../../../registry/client.ts";
import { attach, referrers } from "../../../registry/referrers.ts";
import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { engineAddress, productionTasks } from "../../support/production.ts";

const statementType = "application/vnd.in-toto+json";
const envelopeType = "application/vnd.dsse.envelope.v1+json";

let clone: Clone;
let found: ReleaseEvidence;
let registry: Registry;
let image: { repository: string; digest: string };
let stranger: SigningKey;

const of = (claim: string): Evidence | undefined => found.evidence.find((one) => one.claim === claim);
const predicateOf = (claim: string): Record<string, unknown> => of(claim)?.statement?.predicate ?? {};

/** What a release has proved is signed and stays with its images; what is not as it was signed does not count. */
export function evidence(it: () => Clone): void {
  beforeAll(async () => {
    clone = it();
    found = JSON.parse((await clone.promote("evidence", "--json")).stdout);
    const [host = "", ...rest] = (found.release.images.app ?? "").split("/");
    const [repository = "", digest = ""] = rest.join("/").split("@");
    registry = new Registry(host);
    image = { repository, digest };
    stranger = await createSigningKey(join(clone.root, ".slipway", "stranger.pem"));
  });
  afterAll(() => rm(join(clone.root, "trusted-keys.yaml"), { force: true }));
  recorded();
  doubted();
}

function recorded(): void {
  test("every step but the button left evidence, signed by this clone", () => {
    const signed = found.evidence.map(({ claim, signer, flaw }) => [claim, signer, flaw]);
    const earned = claims.filter((claim) => !decided.includes(claim));
    expect(signed).toEqual(earned.map((claim) => [claim, "this clone", undefined]));
    expect(found.missing).toEqual(["approval/production"]);
  });

  test("the same command again does nothing that is proved, and touches no task", async () => {
    const before = await productionTasks(clone);
    const run = await clone.promote("--continuous", "--json");
    expect(run.exitCode, run.stderr).toBe(0);
    const { outcome, steps, addresses } = JSON.parse(run.stdout);
    expect(outcome).toBe("deployed");
    expect(addresses.length).toBeGreaterThan(0);
    const skipped = Array.from({ length: 8 }, () => "skipped");
    expect(steps.map((step: { outcome: string }) => step.outcome)).toEqual(["passed", ...skipped]);
    expect(run.stderr).toMatch(/= 7\/9 .* proved before .* by this clone/);
    expect(await productionTasks(clone)).toEqual(before);
  });

  test("it says what was tested, built, changed and sent, and names the log by its hash", async () => {
    const { commit } = found.release;
    expect(predicateOf("functional/staging")).toMatchObject({ result: "PASSED", failedTests: [] });
    expect((predicateOf("functional/staging").passedTests as string[]).length).toBeGreaterThan(3);
    expect(predicateOf("build")).toMatchObject({
      buildDefinition: { resolvedDependencies: [{ digest: { gitCommit: commit } }] },
    });
    const { changes } = predicateOf("deploy/staging") as { changes: { what: string }[] };
    expect(changes.map(({ what }) => what)).toContain("service staging_app");
    expect(predicateOf("readiness/production").probe).toMatchObject({ failed: 0 });
    const log = join(clone.root, ".slipway", "logs", commit, "5-functional-tests-staging.log");
    const hash = createHash("sha256")
      .update(await readFile(log))
      .digest("hex");
    expect(predicateOf("functional/staging")[stepField]).toMatchObject({ log: hash, commit, environment: "staging" });
  });

  test("it is an OCI artifact that names the image as its subject, and is listed by the image's digest", async () => {
    const listed = await referrers(registry, image.repository, image.digest);
    expect(listed).toHaveLength(claims.length - decided.length);
    const [first] = listed as [Descriptor];
    expect(first.artifactType).toBe(statementType);
    const manifest = await registry.manifest(image.repository, first.digest);
    expect(manifest?.content).toMatchObject({
      artifactType: statementType,
      subject: { digest: image.digest },
      layers: [{ mediaType: envelopeType }],
    });
  });

  test("no secret is in it", async () => {
    const engine = engineAddress(clone, "production");
    const [task] = await docker("-H", engine, "ps", "--quiet", "--filter", "name=production_app");
    const [password] = await docker("-H", engine, "exec", String(task), "cat", "/run/secrets/database-password");
    expect(password?.length).toBeGreaterThan(15);
    expect(JSON.stringify(found)).toContain("production_app");
    expect(JSON.stringify(found)).not.toContain(password);
  });
}

/** Takes an artifact off the list again. */
async function unlist(digest: string): Promise<void> {
  const listed = await referrers(registry, image.repository, image.digest);
  const manifests = listed.filter((one) => one.digest !== digest);
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  await registry.putManifest(image.repository, index, image.digest.replace(":", "-"));
}

/** Puts something beside the evidence that is there, and returns what is said of it. */
async function judged(envelope: unknown): Promise<{ exitCode: number | undefined; flaw: string | undefined }> {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(envelope)));
  const artifact = { type: statementType, mediaType: envelopeType, bytes, annotations: {} };
  const { digest } = await attach(registry, image.repository, image.digest, artifact);
  const run = await clone.promote("evidence", "--json");
  const all = (JSON.parse(run.stdout) as ReleaseEvidence).evidence;
  expect(all.filter(({ flaw }) => flaw === undefined)).toHaveLength(claims.length - decided.length);
  await unlist(digest);
  return { exitCode: run.exitCode, flaw: all.find((one) => one.digest === digest)?.flaw };
}

/** The first envelope that the registry holds for the image. */
async function genuine(): Promise<{ payload: string }> {
  const [listed] = await referrers(registry, image.repository, image.digest);
  const manifest = await registry.manifest(image.repository, listed?.digest ?? "");
  const [layer] = (manifest?.content.layers ?? []) as Descriptor[];
  return JSON.parse((await registry.blob(image.repository, layer?.digest ?? "", 1e7)).toString());
}

function doubted(): void {
  test("what somebody else signed, or changed, or took from another release, does not count and takes nothing away", async () => {
    const payload = Buffer.from(JSON.stringify(of("build")?.statement));
    const byStranger = seal(statementType, payload, stranger);
    expect(await judged(byStranger)).toMatchObject({ exitCode: 22, flaw: expect.stringContaining("not trusted") });
    expect((await judged({ payload: "e30=" })).flaw).toContain("not a DSSE envelope");
    const envelope = await genuine();
    const changed = Buffer.from(envelope.payload, "base64").toString().replace("demo/app", "demo/apq");
    const forged = { ...envelope, payload: Buffer.from(changed).toString("base64") };
    expect((await judged(forged)).flaw).toContain("does not fit its content");
  });

  test("pulumi by hand does not deploy a release that has not proved what production demands; a preview warns", async () => {
    const before = await productionTasks(clone);
    const SLIPWAY_RELEASE = JSON.stringify({ ...found.release, commit: "b".repeat(40) });
    const pulumi = (...args: string[]) =>
      clone.pulumiWith({ SLIPWAY_RELEASE }, ...args, "-s", "production", "--non-interactive");
    const refused = /bbbbbbbbbbbb\) may not run in production: .* unit-tests, build.*readiness\/prodlike/;
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up.exitCode).not.toBe(0);
    expect(up.stdout + up.stderr).toMatch(refused);
    expect(up.stdout + up.stderr).toContain(`it is about the commit ${found.release.commit.slice(0, 12)}`);
    const preview = await pulumi("preview");
    expect(preview.exitCode, preview.stdout + preview.stderr).toBe(0);
    expect(preview.stdout + preview.stderr).toMatch(refused);
    expect(await productionTasks(clone)).toEqual(before);
  });

  test("a list of keys in the repository says whose word counts, and this clone's own does no longer by itself", async () => {
    const entry = `  - { name: Ann, key: ${publicText(stranger)} }\n`;
    await clone.write("trusted-keys.yaml", `keys:\n${entry}`);
    const run = await clone.promote("evidence");
    expect(run.exitCode).toBe(22);
    expect(run.stdout).toMatch(/not trusted/);
    expect(run.stdout).toMatch(/- build +no evidence that counts/);
  });

  test("nothing was built from a commit that was never delivered, and it says so", async () => {
    const run = await clone.promote("evidence", "HEAD~1");
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("npm run promote -- HEAD~1");
  });
}
