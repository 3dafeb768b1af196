import { expect, test } from "vitest";

import { environments } from "../../../settings/environment.ts";
import { readServices } from "../../../swarm/services.ts";
import type { Clone } from "../../support/clone.ts";
import { engineOf, hello } from "../../support/production.ts";

interface Status {
  environment: string;
  state: string;
  release?: { commit: string };
}

/** A commit goes from nothing into production, and what then runs is what was promised. */
export function fromNothing(clone: () => Clone): void {
  test("one command delivers a commit from nothing through the nine steps into production", async () => {
    const run = await clone().promote("--continuous", "--json");
    expect(run.exitCode, run.stderr).toBe(0);
    const result = JSON.parse(run.stdout);
    expect(result.outcome).toBe("deployed");
    const outcomes = result.steps.map(({ outcome }: { outcome: string }) => outcome);
    expect(outcomes).toEqual(Array.from({ length: 9 }, () => "passed"));
  });

  test("status shows, from Swarm's tasks, that commit in every environment", async () => {
    const { stdout } = await clone().git("rev-parse", "HEAD");
    const run = await clone().promote("status", "--json");
    const states = JSON.parse(run.stdout).environments as Status[];
    const seen = states.map(({ environment, state, release }) => [environment, state, release?.commit]);
    expect(seen).toEqual(environments.map((name) => [name, "healthy", stdout]));
  });

  test.each(environments)("%s answers through its edge with the release", async (environment) => {
    const { stdout: commit } = await clone().git("rev-parse", "HEAD");
    expect(await hello(clone(), environment)).toMatchObject({ commit, environment });
  });

  test("the edge says what is served where nothing is", async () => {
    const answer = await fetch(`http://127.0.0.1:${await clone().get("production", "port")}/`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("/demo");
  });

  test("production's tasks are spread over its nodes", async () => {
    const services = await readServices(engineOf(clone(), "production"), "production");
    const nodes = services.find(({ name }) => name === "production_app")?.tasks.map(({ node }) => node);
    expect(new Set(nodes).size).toBe(3);
  });

  test.each(environments)("pulumi preview by hand shows no change in %s", async (environment) => {
    const preview = await clone().pulumi("preview", "-s", environment, "--expect-no-changes", "--non-interactive");
    expect(preview.exitCode, preview.stdout + preview.stderr).toBe(0);
  });

  test("what a refresh by hand reads back is no change either", async () => {
    const refresh = await clone().pulumi("refresh", "-s", "production", "--yes", "--skip-preview", "--non-interactive");
    expect(refresh.exitCode, refresh.stdout + refresh.stderr).toBe(0);
    const preview = await clone().pulumi("preview", "-s", "production", "--expect-no-changes", "--non-interactive");
    expect(preview.exitCode, preview.stdout + preview.stderr).toBe(0);
  });

  test("git's tree is clean afterwards", async () => {
    const { stdout: changed } = await clone().git("status", "--porcelain");
    expect(changed, (await clone().git("diff")).stdout).toBe("");
  });
}
