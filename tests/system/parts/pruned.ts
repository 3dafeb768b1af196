import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import type { ReleaseEvidence } from "../../../evidence/of-release.ts";
import type { PruneResult } from "../../../pipeline/prune.ts";
import type { PrunePlan } from "../../../pipeline/prune-plan.ts";
import type { Clone, Ended } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { hello } from "../../support/production.ts";

const result = ({ stdout }: Ended): PrunePlan & PruneResult => JSON.parse(stdout);

/** Pushes a release of long ago: an image like the present one, with a layer of its own. */
async function olderRelease(registry: string, image: string, name: string): Promise<string> {
  const commit = createHash("sha1").update(name).digest("hex");
  const folder = await mkdtemp(join(tmpdir(), "slipway-older-"));
  await writeFile(join(folder, "own"), randomBytes(3_000_000));
  await writeFile(
    join(folder, "Dockerfile"),
    `FROM ${image}\nCOPY own /own\nLABEL org.opencontainers.image.revision=${commit}\n`,
  );
  const reference = `${registry}/demo/app:${commit.slice(0, 12)}`;
  await docker("build", "--quiet", "--force-rm", "--tag", reference, folder);
  await docker("push", "--quiet", reference);
  await rm(folder, { recursive: true });
  return commit;
}

let older: string[] = [];
let first = "";
/** What is held for runs that were killed before, as other parts do: nobody takes that away before its time. */
let heldBefore: string[] = [];

const held = ({ stays }: PrunePlan): string[] =>
  stays.flatMap(({ reasons }) => reasons).filter((reason) => reason.startsWith("in use by"));

/** Old releases go by policy, and what runs, goes back or is on its way notices nothing. */
export function pruned(clone: () => Clone): void {
  test("what an environment needs that cannot be asked nobody knows, so nothing goes", async () => {
    await clone().set("delivery", "keepReleases", 1);
    await clone().set("delivery", "keepDays", 0);
    await clone().commit("Keep little");
    const node = `slipway-${await clone().instance()}-staging-1`;
    await docker("pause", node);
    const run = await clone().promote("prune", "--yes");
    await docker("unpause", node);
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toContain("Nobody can tell what staging needs, so nothing is removed");
    expect(run.stderr).toContain("node staging-1 does not answer");
  });

  test("it shows what would go and what stays, and why, and without somebody who can be asked wants to be told", async () => {
    const before = result(await clone().promote("prune", "--dry-run", "--json"));
    const { registry, stays } = before;
    heldBefore = held(before);
    first = stays.find(({ reasons }) => reasons.includes("production runs it"))?.commit ?? "";
    const image = `${registry}/demo/app:${first.slice(0, 12)}`;
    older = [];
    for (const name of ["older", "and older"]) older.push(await olderRelease(registry, image, name));
    // The newest is kept, whatever it is.
    const { goes } = result(await clone().promote("prune", "--dry-run", "--json"));
    expect(goes.map(({ commit }) => commit)).toContain(older[0]);
    expect(goes.map(({ commit }) => commit)).not.toContain(first);
    const shown = await clone().promote("prune", "--dry-run");
    expect(shown.exitCode).toBe(0);
    expect(shown.stderr).toMatch(new RegExp(`keep +demo ${first.slice(0, 12)} .*production runs it`));
    expect(shown.stderr).toMatch(new RegExp(`remove +demo ${older[0]?.slice(0, 12)}`));
    const run = await clone().promote("prune");
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("--yes");
  });

  besidePromotion(clone);
}

/** Prunes every few seconds until the promotion has ended, which it has in any case when this returns. */
async function pruningBeside(clone: Clone, promotion: Promise<unknown>): Promise<{ removed: string[]; freed: number }> {
  let running = true;
  const ended = promotion.finally(() => {
    running = false;
  });
  const removed: string[] = [];
  let freed = 0;
  try {
    while (running) {
      const run = await clone.promote("prune", "--yes", "--json");
      expect(run.exitCode, run.stderr).toBe(0);
      const { removed: gone, space } = result(run);
      removed.push(...gone.map((release) => release.commit));
      freed += (space?.before ?? 0) - (space?.after ?? 0);
      // Without a pause the two would take each other's processors for most of the time.
      await Promise.race([ended, sleep(3_000)]);
    }
  } finally {
    await ended;
  }
  return { removed, freed };
}

function besidePromotion(clone: () => Clone): void {
  test("a promotion beside it gets into production and is proved, and the space of what went is free", async () => {
    await clone().edit("demo/src/routes.ts", "from the demo", "beside a prune, from the demo");
    const commit = await clone().commit("Greet beside a prune");
    const before = await hello(clone(), "production");
    const promotion = clone().start(["--continuous", "--irreversible"]);
    const { removed, freed } = await pruningBeside(clone(), promotion);
    const { exitCode, stderr } = await promotion;
    expect(exitCode, String(stderr)).toBe(0);
    expect(await hello(clone(), "production")).toMatchObject({ commit });
    expect(removed).toEqual(expect.arrayContaining(older));
    expect(removed).not.toContain(before.commit);
    expect(freed).toBeGreaterThan(2 * 3_000_000);
    const { evidence } = JSON.parse((await clone().promote("evidence", "--json")).stdout) as ReleaseEvidence;
    expect(evidence.filter(({ flaw }) => flaw !== undefined)).toEqual([]);
    expect(evidence.length).toBeGreaterThanOrEqual(8);

    const local = await docker("images", "--format", "{{.Tag}}");
    for (const gone of older) expect(local).not.toContain(gone.slice(0, 12));
    const back = await clone().promote("rollback", "production", "--yes");
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await hello(clone(), "production")).toEqual(before);
  });

  test("nothing is held for a run that has ended", async () => {
    expect(held(result(await clone().promote("prune", "--dry-run", "--json")))).toEqual(heldBefore);
  });
}
