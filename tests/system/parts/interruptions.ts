import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { killTree } from "../../support/kill-tree.ts";
import { hello } from "../../support/production.ts";

/** Pulumi's locks on the stacks of the clone. */
async function locks(clone: Clone): Promise<string[]> {
  const folder = join(clone.root, ".slipway", "state", ".pulumi", "locks");
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  return files.filter((file) => file.endsWith(".json"));
}

/** Waits until Pulumi is at work on staging. */
async function untilDeploying(clone: Clone): Promise<void> {
  const atWork = async () => expect((await locks(clone)).join()).toContain("staging");
  await vi.waitFor(atWork, { timeout: 120_000, interval: 50 });
}

/** Whatever ends a run, the same command afterwards goes on and ends right. */
export function interruptions(clone: () => Clone): void {
  // That SIGTERM does, too, is seen where a watch gets it.
  test("SIGINT in the middle of a deploy ends it with nothing locked", async () => {
    await clone().edit("demo/src/routes.ts", "from the demo", "from the demo, interrupted");
    await clone().commit("Greet after an interruption");
    const run = clone().start(["--continuous"]);
    await untilDeploying(clone());
    run.kill("SIGINT");
    const { exitCode, stderr } = await run;
    expect(exitCode, String(stderr)).toBe(130);
    expect(await locks(clone())).toEqual([]);
  });

  test("a driver that was killed with all its children is followed by a run that just works", async () => {
    const run = clone().start(["--continuous"]);
    await untilDeploying(clone());
    await killTree(run.pid as number);
    await run;
    expect(await locks(clone())).not.toEqual([]);
    const again = await clone().promote();
    expect(again.exitCode, again.stderr).toBe(0);
    expect(await locks(clone())).toEqual([]);
    const { stdout: commit } = await clone().git("rev-parse", "HEAD");
    expect(await hello(clone(), "prodlike")).toMatchObject({ commit });
    expect(again.stderr).toMatch(/= 3\/9 .* proved before/);
  });

  test("a release that was rejected does not come to production any more, not even without the button", async () => {
    const before = await hello(clone(), "production");
    const rejected = await clone().promote("reject", "HEAD", "--reason", "not in this week", "--yes");
    expect(rejected.exitCode, rejected.stderr).toBe(0);
    const run = await clone().promote("--continuous");
    expect(run.exitCode, run.stderr).toBe(4);
    expect(run.stderr).toMatch(/was rejected for production by .*@/);
    expect(run.stderr).toContain("not in this week");
    expect(await hello(clone(), "production")).toEqual(before);
  });
}
