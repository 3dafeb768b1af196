// `node setup/start.mjs bench/evidence.ts`: how long a release takes that is everywhere already, a piece of evidence, and an
// environment's lease.
import { join } from "node:path";

import { createSigningKey } from "../evidence/keys.ts";
import { evidenceOf, type ReleaseEvidence } from "../evidence/of-release.ts";
import { predicates, writeStatement } from "../evidence/statement.ts";
import { attachEvidence } from "../evidence/store.ts";
import { ensure } from "../setup/ensure.ts";
import { Lease } from "../swarm/lease.ts";
import { Clone } from "../tests/support/clone.ts";
import { engineOf } from "../tests/support/production.ts";
import { delivered, median, seconds, story, succeeded } from "./measured.ts";

interface Row {
  what: string;
  measured: number;
  limit: number;
  unit: string;
}

const times = 9;

async function several(action: (time: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) taken.push(await seconds(() => action(time)));
  return median(taken);
}

/** How long it takes to take the lease of an environment that nobody holds, and to renew it. */
async function leased(clone: Clone): Promise<{ taken: number; renewed: number }> {
  const environment = "production";
  const engine = engineOf(clone, environment);
  const holder = { owner: "bench", purpose: "a measurement", since: new Date() };
  const renewed: number[] = [];
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    let lease: Lease | undefined;
    const options = { signal: AbortSignal.timeout(10_000), onWait: () => {}, onExpired: () => {} };
    taken.push(
      await seconds(async () => {
        ({ lease } = await Lease.acquire(engine, environment, holder, options));
      }),
    );
    renewed.push(await seconds(async () => lease?.confirm()));
    await lease?.release();
  }
  return { taken: median(taken), renewed: median(renewed) };
}

async function measure(clone: Clone): Promise<Row[]> {
  const again = await several(() => delivered(clone));
  const { release, evidence } = JSON.parse(await succeeded(clone.promote("evidence", "--json"))) as ReleaseEvidence;
  const key = await createSigningKey(join(clone.root, ".slipway", "bench.pem"));
  const about = { claim: "build", application: release.application, commit: release.commit, runBy: "bench" } as const;
  const statement = (time: number): Buffer => {
    const at = new Date(Date.now() + time);
    const step = { ...about, startedOn: at, finishedOn: at, tools: {} };
    return writeStatement(release, step, { type: predicates.provenance, fields: {} });
  };
  const checked = await several(() => evidenceOf(release));
  const written = await several((time) => attachEvidence(release, statement(time), key));
  const { taken, renewed } = await leased(clone);
  return [
    { what: "a release that is everywhere already, promoted", measured: again, limit: 2, unit: "s" },
    { what: "a piece of evidence, written", measured: written * 1_000, limit: 150, unit: "ms" },
    {
      what: `a piece of evidence, checked, of ${evidence.length}`,
      measured: (checked * 1_000) / evidence.length,
      limit: 150,
      unit: "ms",
    },
    { what: "a lease, taken", measured: taken * 1_000, limit: 100, unit: "ms" },
    { what: "a lease, renewed", measured: renewed * 1_000, limit: 100, unit: "ms" },
  ];
}

await ensure(story);
const clone = await Clone.make("evidence");
let rows: Row[] = [];
try {
  await delivered(clone);
  rows = await measure(clone);
} finally {
  await clone.remove();
}
for (const { what, measured, limit, unit } of rows) {
  process.stdout.write(`${what}, median of ${times}: ${measured.toFixed(2)} ${unit} (at most ${limit})\n`);
}
process.exitCode = rows.some(({ measured, limit }) => measured > limit) ? 1 : 0;
