import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { claims, decided } from "../../evidence/claims.ts";
import type { ReleaseEvidence } from "../../evidence/of-release.ts";
import type { EnvironmentStatus } from "../../pipeline/status.ts";
import { environments } from "../../settings/environment.ts";
import { Clone } from "../support/clone.ts";
import { kill, killTree, type ProcessLine, processes, tree } from "../support/kill-tree.ts";
import { leaveOut, long } from "../support/long.ts";
import { hello } from "../support/production.ts";

const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const points = ["start", "middle", "end"] as const;

let both: [Clone, Clone];
let commit = "";
/** How long each step takes that nobody cuts, in seconds. */
let seconds: number[] = [];
/** What the driver told in its last run. */
let story = "";

const other = (index: number): Clone => both[index % 2] as Clone;

/** Waits until a step of a run that began then has begun, too. */
async function begun(clone: Clone, number: number, since: number): Promise<void> {
  const folder = join(clone.root, ".slipway", "logs", commit);
  await vi.waitFor(
    async () => {
      const name = (await readdir(folder)).find((file) => file.startsWith(`${number}-`) && file.endsWith(".log"));
      expect(name).toBeDefined();
      expect((await stat(join(folder, String(name)))).mtimeMs).toBeGreaterThan(since);
    },
    { timeout: 120_000, interval: 10 },
  );
}

/**
 * Kills the driver alone. What it runs goes on or not, as in a run whose driver was killed by hand; its Pulumi has to die with it, or nobody
 * could take its stack over.
 */
async function killDriver(root: number): Promise<void> {
  const below = await tree(root);
  const driver = below.find(({ command }) => command.includes("cli/main.ts") && !command.includes("start.mjs"));
  kill((driver as ProcessLine).pid);
  const pulumi = below.filter(({ command }) => /^\S*\/pulumi /.test(command)).map(({ pid }) => pid);
  const left = async () => (await processes()).filter(({ pid }) => pulumi.includes(pid));
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 5_000, interval: 50 });
}

/** Runs the driver and kills it at a point of a step: in its middle alone, else with all its children, as when a machine goes down. */
async function cut(clone: Clone, number: number, point: (typeof points)[number]): Promise<void> {
  const since = Date.now();
  const run = clone.start([commit, "--continuous"]);
  story = "";
  run.stderr.on("data", (chunk: Buffer) => {
    story += String(chunk);
  });
  if (point === "end") {
    const ended = () => expect(story).toContain(`✓ ${number}/9`);
    await vi.waitFor(ended, { timeout: 180_000, interval: 5 });
  } else {
    await begun(clone, number, since);
    if (point === "middle") await sleep(500 * (seconds[number - 1] ?? 0));
  }
  await (point === "middle" ? killDriver : killTree)(run.pid as number);
  await run;
}

/** What the last run did not do again, by number. */
const skipped = (): number[] => [...story.matchAll(/^= (\d)\/9/gm)].map(([, number]) => Number(number));

/** Two drivers, on two machines, that begin at the same moment. */
function atOnce(): void {
  test("of two who deliver the same commit at once, one does it and the other joins in: what runs is proved once", async () => {
    const [first, second] = both;
    await first.edit("demo/src/routes.ts", "Hello cut", "Hello at once");
    commit = await first.commit("Hello at once");
    await second.git("pull", "--quiet");
    const runs = await Promise.all(both.map((clone) => clone.promote(commit, "--continuous", "--json")));
    for (const { exitCode, stdout, stderr } of runs) {
      expect(exitCode, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ outcome: "deployed", release: { commit } });
    }
    const { evidence } = JSON.parse((await first.promote("evidence", commit, "--json")).stdout) as ReleaseEvidence;
    const after = evidence.flatMap(({ claim }) => claim ?? []).filter((claim) => claim.includes("/"));
    expect(after).toEqual(claims.filter((claim) => !decided.includes(claim) && claim.includes("/")));
  });

  test("of two who deliver different commits at once, the newer one is what runs in the end, everywhere", async () => {
    const [first, second] = both;
    const older = await first.commit("Nothing");
    await first.edit("demo/src/routes.ts", "Hello at once", "Hello newer");
    commit = await first.commit("Hello newer");
    await second.git("pull", "--quiet");
    const [newer, before] = await Promise.all([
      first.promote(commit, "--continuous", "--json"),
      second.promote(older, "--continuous", "--json"),
    ]);
    expect(newer.exitCode, newer.stderr).toBe(0);
    expect(JSON.parse(newer.stdout)).toMatchObject({ outcome: "deployed" });
    expect(["deployed", "superseded"], before.stderr).toContain(JSON.parse(before.stdout).outcome);
    for (const environment of environments) {
      expect(await hello(first, environment)).toMatchObject({ commit, message: "Hello newer" });
    }
  });
}

/** Wherever a driver dies, another one, on another machine, goes on from there. */
function cuts(): void {
  beforeAll(async () => {
    both = await Clone.makeTwo("cut");
    const [first, second] = both;
    for (const environment of environments) await first.set(environment, "monitor", 1);
    await first.set("prodlike", "probe", 200);
    await first.commit("Probe prodlike gently, and roll out quickly");
    let greeted = "Hello from the demo";
    for (const greeting of ["Hello first", "Hello uncut", "Hello cut"]) {
      await first.edit("demo/src/routes.ts", greeted, greeting);
      greeted = greeting;
      commit = await first.commit(greeting);
      if (greeting === "Hello cut") break;
      const run = await first.promote("--continuous", "--json");
      expect(run.exitCode, run.stderr).toBe(0);
      seconds = JSON.parse(run.stdout).steps.map((step: { seconds: number }) => step.seconds);
    }
    await second.git("pull", "--quiet");
  });
  // One after the other: they have the same environments.
  afterAll(async () => {
    for (const clone of both?.toReversed() ?? []) await clone.remove();
  });

  test.each(numbers.flatMap((number) => points.map((point) => [number, point] as const)))(
    "in step %i, at its %s, is followed by one that repeats at most that step",
    async (number, point) => {
      const index = 3 * number + points.indexOf(point);
      await cut(other(index), number, point);
      // Step 1, a look at a checkout, is what every run begins with.
      const before = numbers.filter((one) => one > 1 && one < number);
      expect(skipped(), story).toEqual(expect.arrayContaining(before));
    },
  );

  test("in the end all is as if nobody had cut anything, and every step was proved once", async () => {
    const [first] = both;
    const run = await first.promote(commit, "--continuous", "--json");
    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ outcome: "deployed", release: { commit } });
    for (const environment of environments) {
      expect(await hello(first, environment)).toMatchObject({ commit, message: "Hello cut" });
    }
    const { evidence } = JSON.parse((await first.promote("evidence", commit, "--json")).stdout) as ReleaseEvidence;
    const proved = evidence.map(({ claim }) => claim);
    expect(proved).toEqual(claims.filter((claim) => !decided.includes(claim)));
    const { environments: status } = JSON.parse((await first.promote("status", "--json")).stdout) as {
      environments: EnvironmentStatus[];
    };
    expect(status.map(({ state }) => state)).toEqual(["healthy", "healthy", "healthy"]);
  });

  atOnce();
}

if (long) describe("a driver that is killed", cuts);
else leaveOut("a driver killed at 27 points of its way");
