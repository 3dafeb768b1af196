import { expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { long, longTest } from "../../support/long.ts";
import { engineOf, hello } from "../../support/production.ts";

interface OnlyInProduction {
  fact: string;
  file: string;
  from: string;
  to: string;
  exitCode: number;
  says: string[];
  /** How it comes to production; without waiting for the tests before, where only what production shows is of interest. */
  options?: string[];
  /** Settings of production that the release brings along. */
  settings?: Record<string, number>;
}

const straight = ["--break-glass", "only production can show it"];

const releases: OnlyInProduction[] = [
  {
    fact: "a release that crashes in production only is gone from it by itself, with its settings and the edge's configuration",
    file: "demo/src/main.ts",
    from: "const settings = settingsFrom(process.env);",
    to: 'const settings = settingsFrom(process.env);\nif (process.env.ENVIRONMENT === "production") throw new Error("only here");',
    // In the edge's configuration, in the application's environment, in the database and in a secret.
    settings: { linger: 200, drain: 1, databasePassword: 2 },
    exitCode: 18,
    says: ["production_app", "rolled the update back", "only here", "Went back"],
    options: long ? [] : straight,
  },
  {
    fact: "a release that fails its readiness tests in production only is gone from it by itself",
    file: "tests/readiness/release.test.ts",
    from: "const get =",
    to: 'test("holds in production", () => expect(facts.environment).not.toBe("production"));\nconst get =',
    exitCode: 19,
    says: ["holds in production", "Went back"],
    options: straight,
  },
];

/** How many tasks of what, with which variables, configs and secrets, production's services are to run. */
async function specifications(clone: Clone): Promise<unknown[]> {
  const found = await engineOf(clone, "production").listServices();
  const specs = found.map(({ Spec }) => ({
    name: Spec?.Name ?? "",
    mode: Spec?.Mode,
    container: { ...Spec?.TaskTemplate, ForceUpdate: 0 },
  }));
  return specs.toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Production goes back to what it ran before: by itself when a release does not hold there, and when a person says so. */
export function goingBack(clone: () => Clone): void {
  const production = async (): Promise<{ state: string; release: { commit: string } }> =>
    JSON.parse((await clone().promote("status", "--json")).stdout).environments[2];

  test.each(releases)("$fact", async ({ file, from, to, exitCode, says, settings = {}, options = [] }) => {
    const before = await hello(clone(), "production");
    const specs = await specifications(clone());
    await clone().edit(file, from, to);
    for (const [key, value] of Object.entries(settings)) await clone().set("production", key, value);
    await clone().commit("Hold everywhere but in production");
    const run = await clone().promote("--continuous", ...options);
    await clone().git("reset", "--hard", "--quiet", "HEAD~1");

    expect(run.exitCode, run.stderr).toBe(exitCode);
    for (const words of says) expect(run.stderr).toContain(words);
    // Nobody noticed: the probe had every answer.
    expect(run.stderr).not.toContain("requests failed");
    expect(await hello(clone(), "production")).toEqual(before);
    expect(await specifications(clone())).toEqual(specs);
    expect(await production()).toMatchObject({ state: "healthy", release: { commit: before.commit } });
  });

  longTest("what cannot be gone back from is left running, and a person takes it back", async () => {
    const before = await hello(clone(), "production");
    await clone().write("demo/migrations/003-drop.sql", "DROP TABLE IF EXISTS unused;\n");
    await clone().edit("demo/delivery.yaml", "002-drop.sql]", "002-drop.sql, migrations/003-drop.sql]");
    const { file, from, to } = releases.at(-1) as OnlyInProduction;
    await clone().edit(file, from, to);
    const commit = await clone().commit("Drop a table, and do not hold in production");
    const run = await clone().promote("--continuous", "--irreversible", ...straight);
    await clone().git("reset", "--hard", "--quiet", "HEAD~1");

    expect(run.exitCode, run.stderr).toBe(19);
    expect(run.stderr).toMatch(/Not gone back to .* declares migrations\/003-drop\.sql irreversible/);
    expect(await hello(clone(), "production")).toMatchObject({ commit });
    const back = await clone().promote("rollback", "production", "--yes");
    expect(back.exitCode, back.stderr).toBe(0);
    expect(back.stderr).toMatch(/not undone +migrations\/003-drop\.sql/);
    expect(await hello(clone(), "production")).toEqual(before);
  });

  test("pulumi preview by hand shows no change after going back", async () => {
    const preview = await clone().pulumi("preview", "-s", "production", "--expect-no-changes", "--non-interactive");
    expect(preview.exitCode, preview.stdout + preview.stderr).toBe(0);
  });

  test("rollback takes production to the release of a commit, and then back to the one before", async () => {
    const now = await hello(clone(), "production");
    const earlier = (await clone().git("rev-parse", "HEAD~1")).stdout;
    const back = await clone().promote("rollback", "production", "HEAD~1", "--yes");
    expect(back.exitCode, back.stderr).toBe(0);
    expect(back.stderr).toContain("production_app");
    expect(await hello(clone(), "production")).toMatchObject({ commit: earlier });

    const again = await clone().promote("rollback", "--yes", "--json");
    expect(again.exitCode, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: "restored", release: { commit: now.commit } });
    expect(await hello(clone(), "production")).toEqual(now);
  });

  test("without somebody who can be asked, rollback wants to be told", async () => {
    const run = await clone().promote("rollback", "production");
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("--yes");
  });
}
