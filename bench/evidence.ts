// `node setup/start.mjs bench/evidence.ts`: how long a release takes that is everywhere already, and a piece of evidence.
import { join } from "node:path";

import { createSigningKey } from "../evidence/keys.ts";
import { evidenceOf, type ReleaseEvidence } from "../evidence/of-release.ts";
import { predicates, writeStatement } from "../evidence/statement.ts";
import { attachEvidence } from "../evidence/store.ts";
import { ensure } from "../setup/ensure.ts";
import { Clone } from "../tests/support/clone.ts";
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

async function measure(clone: Clone): Promise<Row[]> {
  const again = await several(() => delivered(clone));
  const { release } = JSON.parse(await succeeded(clone.promote("evidence", "--json"))) as ReleaseEvidence;
  const key = await createSigningKey(join(clone.root, ".slipway", "bench.pem"));
  const about = { claim: "build", application: release.application, commit: release.commit, runBy: "bench" } as const;
  const statement = (time: number): Buffer => {
    const at = new Date(Date.now() + time);
    const step = { ...about, startedOn: at, finishedOn: at, tools: {} };
    return writeStatement(release, step, { type: predicates.provenance, fields: {} });
  };
  const checked = await several(() => evidenceOf(release));
  const written = await several((time) => attachEvidence(release, statement(time), key));
  const all = 8;
  return [
    { what: "a release that is everywhere already, promoted", measured: again, limit: 2, unit: "s" },
    { what: "a piece of evidence, written", measured: written * 1_000, limit: 150, unit: "ms" },
    { what: `a piece of evidence, checked, of ${all}`, measured: (checked * 1_000) / all, limit: 150, unit: "ms" },
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
