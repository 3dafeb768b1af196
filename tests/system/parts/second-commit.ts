import { generateKeyPairSync } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import type { ReleaseEvidence } from "../../../evidence/of-release.ts";
import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { engineAddress, hello, productionTasks, runningTasks } from "../../support/production.ts";

let commit = "";

/** A commit that changes only the demo travels to production, by the button. */
export function secondCommit(clone: () => Clone): void {
  test("without a terminal, a commit ends before production, ready, with the command that presses the button", async () => {
    await clone().edit("demo/src/routes.ts", "Hello from the demo", "Hello again from the demo");
    await writeFile(join(clone().root, "demo", "migrations", "002-drop.sql"), "DROP TABLE IF EXISTS unused;\n");
    await clone().edit("demo/delivery.yaml", "irreversible: []", "irreversible: [migrations/002-drop.sql]");
    commit = await clone().commit("Greet again, and drop a table");
    const before = await productionTasks(clone());
    const run = await clone().promote();
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toContain("ready for production");
    expect(run.stderr).toContain(`npm run promote -- ${commit.slice(0, 12)} --continuous --irreversible`);
    expect(await productionTasks(clone())).toEqual(before);
    expect((await hello(clone(), "prodlike")).message).toBe("Hello again from the demo");
    expect((await hello(clone(), "production")).message).toBe("Hello from the demo");
  });

  test("preview says in words what pressing it would change", async () => {
    const run = await clone().promote("preview", "production", "--exit-code");
    expect(run.exitCode, run.stderr).toBe(20);
    const shown = run.stdout + run.stderr;
    expect(shown).toContain("production_app");
    expect(shown).toContain(commit.slice(0, 12));
    expect(shown).toMatch(/irreversible +migrations\/002-drop\.sql/);
    expect(shown).not.toContain("unknown");
  });

  test("without the button, what cannot be gone back from does not come to production, and it is ready all the same", async () => {
    const before = await productionTasks(clone());
    const run = await clone().promote("--continuous", "--json");
    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ outcome: "ready", irreversible: ["migrations/002-drop.sql"] });
    expect(await productionTasks(clone())).toEqual(before);
  });

  test("an approval is of one change of production: where that is another by now, it is void", async () => {
    const approved = await clone().promote("approve", commit.slice(0, 12), "--yes");
    expect(approved.exitCode, approved.stderr).toBe(0);
    expect(approved.stderr).toContain("production_app");
    const scale = (tasks: number) =>
      docker("-H", engineAddress(clone(), "production"), "service", "scale", `production_app=${tasks}`);
    await scale(4);
    const run = await clone().promote();
    await scale(3);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toContain("does not count: it is of another change than the one that would be made now");
    expect(run.stderr).toContain("ready for production");
    expect((await hello(clone(), "production")).message).toBe("Hello from the demo");
  });

  approvalRules(clone);
  upByHand(clone);
}

/** The key of somebody who is listed, as they have it in their environment. */
async function keyOf(name: string): Promise<{ env: { SLIPWAY_SIGNING_KEY: string }; entry: string }> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const SLIPWAY_SIGNING_KEY = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { env: { SLIPWAY_SIGNING_KEY }, entry: `  - { name: ${name}, emails: [${name}@example.org], key: ${key} }\n` };
}

function approvalRules(clone: () => Clone): void {
  test("where two others have to approve, who ran the steps or wrote the commit may not, and one is not enough", async () => {
    const own = (await clone().promote("key")).stdout.trim();
    const people = { ann: await keyOf("ann"), bob: await keyOf("bob"), eve: await keyOf("eve") };
    const eve = people.eve.entry.replace("eve@example.org", "System-Test@localhost");
    const ci = `  - { name: ci, key: ${own} }\n`;
    await clone().write("trusted-keys.yaml", `keys:\n${ci}${people.ann.entry}${people.bob.entry}${eve}`);
    await clone().set("production", "approvers", 2);
    await clone().set("production", "approveOwn", false);
    const approve = (person?: keyof typeof people) =>
      clone().promoteWith(person ? people[person].env : {}, "approve", commit.slice(0, 12), "--yes");
    for (const [person, why] of [
      [undefined, "ci ran its steps"],
      ["eve", "eve wrote the commit"],
    ] as const) {
      const refused = await approve(person);
      expect(refused.exitCode, refused.stderr).toBe(2);
      expect(refused.stderr).toContain(why);
    }
    expect((await approve("ann")).exitCode).toBe(0);
    const run = await clone().promote("--continuous", "--irreversible");
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/The approval of ci .* does not count: ci ran its steps/);
    expect(run.stderr).toMatch(/Approved by: +ann,/);
    expect(run.stderr).toMatch(/Approvals lacking: +1/);
    expect((await approve("bob")).exitCode).toBe(0);
  });

  test("in a freeze nothing comes to production, approved or not, and it is said until when and why", async () => {
    await clone().set("production", "freezes", [{ from: "2020-01-01", to: "2098-12-31", reason: "stock-taking" }]);
    const run = await clone().promote();
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toContain("production is frozen until 2099-01-01T00:00Z: stock-taking");
    expect((await hello(clone(), "production")).message).toBe("Hello from the demo");
  });

  test("what was approved is deployed without being asked, with a reason in a freeze, and all of it stays with the release", async () => {
    const run = await clone().promote("--override", "the law wants it");
    expect(run.exitCode, run.stderr).toBe(0);
    expect(await hello(clone(), "production")).toMatchObject({ commit, message: "Hello again from the demo" });
    const { evidence, missing } = JSON.parse((await clone().promote("evidence", "--json")).stdout) as ReleaseEvidence;
    expect(missing).toEqual([]);
    const approvals = evidence.filter(({ claim }) => claim === "approval/production");
    expect(approvals.map(({ signer }) => signer)).toEqual(["ci", "ann", "bob"]);
    expect(approvals.at(-1)?.statement?.predicate).toMatchObject({ decision: "approved" });
    const overridden = evidence.find(({ claim }) => claim === "override/production")?.statement?.predicate;
    expect(overridden).toMatchObject({ reason: "the law wants it", rule: expect.stringContaining("stock-taking") });
  });

  afterAll(async () => {
    await rm(join(clone().root, "trusted-keys.yaml"), { force: true });
    for (const key of ["approvers", "approveOwn", "freezes"]) await clone().set("production", key, undefined);
  });
}

function upByHand(clone: () => Clone): void {
  test("pulumi up by hand changes what was edited, the edge's configuration included, keeps the release and restarts none of its tasks", async () => {
    const up = async (): Promise<string> => {
      const ended = await clone().pulumi("up", "-s", "staging", "--yes", "--skip-preview", "--non-interactive");
      expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0);
      return ended.stdout;
    };
    const before = await runningTasks(clone(), "staging", "app");
    // So many tasks that the edge has to look for more.
    await clone().set("staging", "replicas", 8);
    expect(await up()).toMatch(/edge-haproxy-[0-9a-f]{12}-config/);
    const after = await runningTasks(clone(), "staging", "app");
    expect(after).toHaveLength(8);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(await hello(clone(), "staging")).toMatchObject({ commit });
    await clone().set("staging", "replicas", 1);
    await up();
    expect(await runningTasks(clone(), "staging", "app")).toHaveLength(1);
    expect(await hello(clone(), "staging")).toMatchObject({ commit });
  });
}
