import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { EnvironmentStatus } from "../../pipeline/status.ts";
import { environments } from "../../settings/environment.ts";
import { projectRoot } from "../../settings/project.ts";
import { readServices } from "../../swarm/services.ts";
import { selfSigned } from "../support/certificate.ts";
import { Clone } from "../support/clone.ts";
import { leaveOut, long } from "../support/long.ts";
import { engineOf } from "../support/production.ts";

let clone: Clone;

const of = (name: string): string[] => ["--source", join("examples", name)];

/** Delivers an example, production included, and returns what its environments run then. */
async function delivered(name: string): Promise<EnvironmentStatus[]> {
  const { exitCode, stderr } = await clone.promote(...of(name), "--continuous");
  expect(stderr).toMatch(/✓ 9\/9/);
  expect(exitCode).toBe(0);
  return statusOf(name);
}

async function statusOf(name: string): Promise<EnvironmentStatus[]> {
  const { stdout } = await clone.promote("status", ...of(name), "--json");
  return (JSON.parse(stdout) as { environments: EnvironmentStatus[] }).environments;
}

/** The ids of all tasks that an application has in production. */
async function tasksOf(name: string): Promise<string[]> {
  const services = await readServices(engineOf(clone, "production"), name);
  return services
    .flatMap(({ tasks }) => tasks.filter(({ desired }) => desired === "running").map(({ id }) => id))
    .sort();
}

/** Three whole deliveries, and more, take minutes. */
function applications(): void {
  beforeAll(async () => {
    clone = await Clone.make("applications");
    // As many as find every loss; more would only make each of the deliveries here take longer on a small machine.
    await clone.set("prodlike", "probe", 200);
    for (const environment of environments) await clone.set(environment, "monitor", 1);
    await clone.commit("Probe prodlike gently, and roll out quickly");
  });
  afterAll(() => clone?.remove());

  test("a stack file of several services with a queue comes to production, into environments that are made for it", async () => {
    const orders = await delivered("orders");
    expect(orders.map(({ state }) => state)).toEqual(["healthy", "healthy", "healthy"]);
    const names = orders[0]?.services.map(({ name }) => name);
    expect(names).toEqual(["orders_door", "orders_edge", "orders_queue", "orders_web", "orders_worker"]);
  });

  test("a program in TypeScript comes to production beside it, and touches none of its tasks", async () => {
    const before = await tasksOf("orders");
    const visits = await delivered("visits");
    expect(visits.map(({ state }) => state)).toEqual(["healthy", "healthy", "healthy"]);
    expect(await tasksOf("orders")).toEqual(before);
  });

  test("a site with host routing comes to production with its certificate", async () => {
    await clone.promote("env", ...of("site"));
    await execa(process.execPath, [join(projectRoot, "images", "build.ts"), "postgres"]);
    const certificate = await selfSigned("slipway/postgres:latest");
    for (const environment of environments) {
      const stack = `site.${environment}`;
      const made = await clone.pulumi("stack", "select", "--create", stack);
      expect(made.exitCode, made.stderr).toBe(0);
      const set = await clone.pulumi("config", "set", "--secret", "-s", stack, "--", "certificate", certificate);
      expect(set.exitCode, set.stderr).toBe(0);
    }
    await delivered("site");
    const { stdout } = await clone.promote("evidence", ...of("site"), "--json");
    expect(stdout).toContain("serves www by TLS");
  });

  test("another release of one comes without a lost request, and goes back", async () => {
    await clone.edit("examples/orders/src/orders.ts", '{ state: "ok" }', '{ state: "ok", more: true }');
    await clone.commit("Say more of health");
    await delivered("orders");
    expect((await clone.promote("preview", "production", ...of("orders"), "--exit-code")).exitCode).toBe(0);
    expect((await clone.promote("rollback", "production", ...of("orders"), "--yes")).exitCode).toBe(0);
  });

  test("pulumi by hand finds nothing to change", async () => {
    const env = JSON.parse((await clone.promote("env", ...of("visits"), "--json")).stdout) as Record<string, string>;
    const previewed = await clone.pulumiWith(env, "preview", "-s", "visits.production", "--expect-no-changes");
    expect(previewed.exitCode, previewed.stdout + previewed.stderr).toBe(0);
  });

  test("a port that another application has is refused with its name", async () => {
    await clone.edit("examples/site/delivery.yaml", "port: 8300", "port: 8200");
    await clone.commit("Take a port of another application");
    const { exitCode, stderr } = await clone.promote(...of("site"), "--continuous");
    expect(stderr).toContain("port 8200 of the nodes of staging is visits_door's");
    expect(exitCode).toBe(14);
  });

  test("one is removed alone", async () => {
    expect((await clone.promote("destroy", ...of("site"), "--yes")).exitCode).toBe(0);
    expect((await statusOf("site")).map(({ state }) => state)).toEqual(Array(3).fill("not created"));
    expect((await statusOf("visits")).map(({ state }) => state)).toEqual(Array(3).fill("healthy"));
  });
}

if (long) describe("applications of their own", applications);
else leaveOut("the three applications in examples/");
