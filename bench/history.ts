// `node setup/start.mjs bench/history.ts`: how long `promote history` takes after 1,000 releases.
import { join } from "node:path";

import { createSigningKey } from "../evidence/keys.ts";
import type { History } from "../pipeline/history.ts";
import { ensure } from "../setup/ensure.ts";
import { Clone } from "../tests/support/clone.ts";
import { days, keepAll, releases, startRegistry, writeState } from "./many-runs.ts";
import { median, seconds, story, succeeded } from "./measured.ts";

const limit = 2;
const times = 5;

/** Makes sure that what was measured told what there is. */
function assertWhole({ entries, flawed, dora }: History): void {
  const whole = entries.length === 20 && entries.every(({ run, update }) => run && update) && flawed.length === 0;
  if (!whole || dora?.deployments !== releases) throw new Error("History does not tell what was kept");
}

async function measure(clone: Clone): Promise<[string, number][]> {
  assertWhole(JSON.parse(await succeeded(clone.promote("history", "production", "--json"))));
  const rows: [string, number][] = [];
  for (const args of [["history"], ["history", "production"], ["history", "production", "--json", "--limit", "1000"]]) {
    const taken: number[] = [];
    for (let time = 0; time < times; time++) taken.push(await seconds(() => succeeded(clone.promote(...args))));
    rows.push([`promote ${args.join(" ")}`, median(taken)]);
  }
  return rows;
}

await ensure(story);
const registry = await startRegistry();
let rows: [string, number][] = [];
try {
  const clone = await Clone.make("history");
  try {
    await writeState(clone, registry.host);
    story(`Keeping ${releases} runs …`);
    await keepAll(registry.host, await createSigningKey(join(clone.root, ".slipway", "keys", "signing.pem")));
    rows = await measure(clone);
  } finally {
    await clone.remove();
  }
} finally {
  await registry.stop();
}
for (const [what, measured] of rows) {
  const told = `${what}, after ${releases} releases in ${days} days, median of ${times}`;
  process.stdout.write(`${told}: ${measured.toFixed(2)} s (at most ${limit})\n`);
}
process.exitCode = rows.some(([, measured]) => measured > limit) ? 1 : 0;
