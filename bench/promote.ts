// `node setup/start.mjs bench/promote.ts [rounds]`: a commit's way into production by promote, and by a bash script of the same bare
// work (clone, unit tests, build, push, three services updated and awaited, the same suites), in turn. What the script changed behind Pulumi's
// back is delivered by promote, untimed, before the next one is timed: putting right what somebody did by hand is no part of a warm promote.
import { join } from "node:path";
import { execa } from "execa";

import { environments } from "../settings/environment.ts";
import { ensure } from "../setup/ensure.ts";
import { Clone } from "../tests/support/clone.ts";
import { engineAddress } from "../tests/support/production.ts";
import { delivered, greet, median, seconds, story } from "./measured.ts";

const limit = 1.25;
const rounds = Number(process.argv[2] ?? 3);
const times: Record<"promote" | "script", number[]> = { promote: [], script: [] };

async function timed(road: keyof typeof times, action: () => Promise<unknown>): Promise<void> {
  const taken = await seconds(action);
  times[road].push(taken);
  story(`${road}: ${taken.toFixed(1)} s`);
}

async function scripted(clone: Clone, { before, commit }: Record<"before" | "commit", string>): Promise<void> {
  const engines = environments.map((name) => [name.toUpperCase(), engineAddress(clone, name)]);
  const env = {
    ...Object.fromEntries(engines),
    PROJECT: clone.root,
    WORK: join(clone.root, ".slipway", "bench", commit),
    FACTS: join(clone.root, ".slipway", "logs", before),
    REGISTRY: `127.0.0.1:${await clone.get("delivery", "registryPort")}`,
    BEFORE: before,
    COMMIT: commit,
    CI: "true",
  };
  await execa(join(clone.root, "bench", "by-hand.sh"), { env, all: true, stdin: "ignore" });
}

await ensure(story);
const clone = await Clone.make("promote");
try {
  await delivered(clone);
  let before = await greet(clone, "warmly");
  await delivered(clone);
  for (let round = 1; round <= rounds; round++) {
    const commit = await greet(clone, `by hand ${round}`);
    await timed("script", () => scripted(clone, { before, commit }));
    await greet(clone, `by hand no more ${round}`);
    await delivered(clone);
    before = await greet(clone, `by promote ${round}`);
    await timed("promote", () => delivered(clone));
  }
} finally {
  await clone.remove();
}
const [ours, peer] = [median(times.promote), median(times.script)];
const ratio = ours / peer;
process.stdout.write(
  `a commit into production, median of ${rounds}: promote ${ours.toFixed(1)} s, a bash script ${peer.toFixed(1)} s: ` +
    `${ratio.toFixed(2)} times (at most ${limit})\n`,
);
process.exitCode = ratio > limit ? 1 : 0;
