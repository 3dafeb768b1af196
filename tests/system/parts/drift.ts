import { afterAll, beforeAll, expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { engineAddress } from "../../support/production.ts";

interface Found {
  environment: string;
  state: string;
  differences: { kind: string; what: string; setting?: string; expected?: string; found?: string }[];
}

let clone: Clone;

const swarm = (environment: string, ...args: string[]): Promise<string[]> =>
  docker("-H", engineAddress(clone, environment), ...args);
const found = async (...args: string[]): Promise<{ exitCode: number | undefined; environments: Found[] }> => {
  const { exitCode, stdout, stderr } = await clone.promote("drift", ...args, "--json");
  expect(stdout, stderr).not.toBe("");
  return { exitCode, environments: JSON.parse(stdout).environments };
};
/** `kind of what`, of all that is not as it should be in an environment. */
const kindsIn = async (environment: string): Promise<string[]> => {
  const { environments } = await found(environment);
  return environments
    .flatMap(({ differences }) => differences.map(({ kind, what }) => `${kind} of ${what}`))
    .toSorted();
};

/** Does in staging what people do. */
async function changeByHand(): Promise<void> {
  await swarm("staging", "service", "scale", "--detach", "staging_app=2");
  await swarm("staging", "service", "update", "--detach", "--quiet", "--label-add", "who=me", "staging_edge");
  const [door = ""] = await swarm(
    "staging",
    "service",
    "inspect",
    "--format",
    "{{.Spec.TaskTemplate.ContainerSpec.Image}}",
    "staging_door",
  );
  await swarm("staging", "config", "create", "--label", "by=hand", "staging_by-hand", "/etc/hostname");
  const change = ["--image", door, "--config-add", "source=staging_by-hand,target=/by-hand", "--env-add", "BY=hand"];
  await swarm("staging", "service", "update", "--detach", "--quiet", "--no-resolve-image", ...change, "staging_login");
  await swarm("staging", "service", "rm", "staging_migrate");
  await swarm(
    "staging",
    "service",
    "create",
    "--detach",
    "--quiet",
    "--no-resolve-image",
    "--replicas",
    "0",
    "--name",
    "staging_debug",
    door,
  );
  await swarm("staging", "node", "update", "--availability", "pause", "staging-1");
}

/** What people do to environments by hand is told for what it is, stops a deployment where it is to, and is put right by one. */
export function drift(of: () => Clone): void {
  let before = "";
  beforeAll(async () => {
    clone = of();
    before = (await clone.git("rev-parse", "HEAD")).stdout;
  });
  // The parts that follow go back from one release to the one before.
  afterAll(() => clone.git("reset", "--hard", "--quiet", before));
  telling();
  deploying();
}

function telling(): void {
  test("there is none where nobody did anything by hand", async () => {
    const { exitCode, environments } = await found();
    expect(environments.flatMap(({ differences }) => differences)).toEqual([]);
    expect(environments.map(({ state }) => state)).toEqual(Array.from({ length: 3 }, () => "as it should be"));
    expect(exitCode).toBe(0);
  });

  test("each kind is told, in words and as JSON, with an exit code of its own; nothing is changed by looking", async () => {
    await changeByHand();
    const expected = [
      "added of config staging_by-hand",
      "added of service staging_debug",
      "config of service staging_login",
      "environment of service staging_login",
      "image of service staging_login",
      "label of service staging_edge",
      "missing of service staging_migrate",
      "node of node staging-1",
      "scale of service staging_app",
    ];
    expect(await kindsIn("staging")).toEqual(expected);
    const { exitCode, stdout } = await clone.promote("drift");
    expect(exitCode).toBe(23);
    expect(stdout).toContain("service staging_app: replicas found 2, expected 1");
    expect(stdout).toContain("node staging-1: availability found pause, expected active");
    expect(stdout).toMatch(/production +as it should be/);
    expect(await kindsIn("staging")).toEqual(expected);
  });
}

/** Delivers HEAD, and ends that once it is in staging: what comes after is nothing to these tests. */
async function deliveredToStaging(): Promise<string> {
  const run = clone.start([]);
  let story = "";
  run.stderr.on("data", (chunk: Buffer) => {
    story += String(chunk);
    if (story.includes("✓ 4/9")) run.kill("SIGINT");
  });
  const { exitCode } = await run;
  expect(exitCode, story).toBe(130);
  return story;
}

function deploying(): void {
  test("a deployment is refused where the environment's setting is stop, and changes nothing", async () => {
    await clone.set("staging", "drift", "stop");
    await clone.commit("Refuse drift in staging");
    const before = await kindsIn("staging");
    const { exitCode, stderr } = await clone.promote();
    expect(exitCode, stderr).toBe(14);
    expect(stderr).toContain("staging is not as Pulumi says, and its setting slipway:drift is stop");
    expect(stderr).toContain("npm run promote -- drift staging");
    expect(await kindsIn("staging")).toEqual(before);
  });

  test("a deployment else tells it and puts right what Pulumi made; the rest is for people", async () => {
    await swarm("staging", "node", "update", "--availability", "active", "staging-1");
    await clone.set("staging", "drift", "repair");
    await clone.commit("Put drift right in staging");
    const stderr = await deliveredToStaging();
    expect(stderr).toContain("Drift in staging: service staging_app: replicas found 2, expected 1");
    expect(stderr).toContain(
      "Drift in staging, which stays: service staging_debug is there, and Pulumi did not make it",
    );
    const added = ["added of config staging_by-hand", "added of service staging_debug"];
    expect(await kindsIn("staging")).toEqual(added);
    await swarm("staging", "service", "rm", "staging_debug");
    await swarm("staging", "config", "rm", "staging_by-hand");
    expect((await found()).exitCode).toBe(0);
  });
}
