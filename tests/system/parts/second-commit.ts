import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { ReleaseEvidence } from "../../../evidence/of-release.ts";
import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { engineAddress, hello, productionTasks } from "../../support/production.ts";
import { Watching } from "../../support/watching.ts";

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
    expect(run.stderr).toContain("approved is not what would change now");
    expect(run.stderr).toContain("ready for production");
    expect((await hello(clone(), "production")).message).toBe("Hello from the demo");
  });

  test("a watch deploys what was approved without being asked, and whose approval it was stays with the release", async () => {
    await clone().git("branch", "--force", "watched");
    const watching = new Watching(clone(), ["--local", "--branch", "watched"]);
    try {
      await watching.until({ type: "known", commit, conclusion: "ready" });
      await watching.until({ type: "ended", commit, conclusion: "deployed" });
    } finally {
      const { exitCode, stderr } = await watching.stop();
      expect(exitCode, stderr).toBe(0);
    }
    expect(await hello(clone(), "production")).toMatchObject({ commit, message: "Hello again from the demo" });
    const { evidence, missing } = JSON.parse((await clone().promote("evidence", "--json")).stdout) as ReleaseEvidence;
    expect(missing).toEqual([]);
    const approval = evidence.find(({ claim }) => claim === "approval/production")?.statement?.predicate;
    expect(approval).toMatchObject({ decision: "approved", approver: expect.stringContaining("@") });
  });
  upByHand(clone);
}

function upByHand(clone: () => Clone): void {
  test("pulumi up by hand changes what was edited, the edge's configuration included, and keeps the release", async () => {
    // So many tasks that the edge has to look for more.
    await clone().set("staging", "replicas", 8);
    const up = await clone().pulumi("up", "-s", "staging", "--yes", "--skip-preview", "--non-interactive");
    expect(up.exitCode, up.stdout + up.stderr).toBe(0);
    expect(up.stdout).toMatch(/edge-haproxy-[0-9a-f]{12}-config/);
    expect(await hello(clone(), "staging")).toMatchObject({ commit });
    await clone().set("staging", "replicas", 1);
  });

  test("pulumi up by hand keeps the release", async () => {
    const up = await clone().pulumi("up", "-s", "staging", "--yes", "--skip-preview", "--non-interactive");
    expect(up.exitCode, up.stdout + up.stderr).toBe(0);
    expect(await hello(clone(), "staging")).toMatchObject({ commit });
  });
}
