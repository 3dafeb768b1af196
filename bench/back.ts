// `node setup/start.mjs bench/back.ts [rounds]`: production goes back to the release before, by `docker service update --rollback` and
// by `promote rollback`, in turn.
import { setTimeout as sleep } from "node:timers/promises";
import { ensure } from "../setup/ensure.ts";
import { readServices } from "../swarm/services.ts";
import { Clone } from "../tests/support/clone.ts";
import { docker } from "../tests/support/engine.ts";
import { engineAddress, engineOf } from "../tests/support/production.ts";
import { delivered, greet, median, seconds, story, succeeded } from "./measured.ts";

const allowance = 2;
const rounds = Number(process.argv[2] ?? 3);
const service = "production_app";
const times: Record<"ours" | "swarm" | "command", number[]> = { ours: [], swarm: [], command: [] };

/** Waits until every task of the service runs the commit and Swarm says that it is done. */
async function runs(clone: Clone, commit: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const app = (await readServices(engineOf(clone, "production"), "production")).find(({ name }) => name === service);
    const whole = app && app.replicas.running === app.replicas.desired && !/updating|started/.test(app.update ?? "");
    if (whole && app.commit === commit) return;
    if (Date.now() > deadline) throw new Error(`${service} does not run ${commit} after 120 s`);
    await sleep(50);
  }
}

const rollBack = (clone: Clone) =>
  docker(
    "-H",
    engineAddress(clone, "production"),
    "service",
    "update",
    "--rollback",
    "--detach=false",
    "--quiet",
    service,
  );

/** From when promote says that it goes back until all of production runs the commit; and how long the whole command took. */
async function goBack(clone: Clone, commit: string): Promise<{ rolled: number; whole: number }> {
  const command = clone.start(["rollback", "production", "--yes"]);
  let rolled: Promise<number> | undefined;
  command.stderr.on("data", (chunk: Buffer) => {
    if (String(chunk).includes("go back to")) rolled ??= seconds(() => runs(clone, commit));
  });
  const whole = await seconds(async () => {
    const { exitCode, stdout, stderr } = await command;
    await succeeded(Promise.resolve({ exitCode, stdout: String(stdout), stderr: String(stderr) }));
  });
  if (!rolled) throw new Error("promote rollback did not say that it goes back");
  return { rolled: await rolled, whole };
}

await ensure(story);
const clone = await Clone.make("back");
try {
  await delivered(clone);
  for (let round = 1; round <= rounds; round++) {
    const { stdout: before } = await clone.git("rev-parse", "HEAD");
    const after = await greet(clone, `in round ${round}`);
    await delivered(clone);
    times.swarm.push(await seconds(() => rollBack(clone)));
    await runs(clone, before);
    await rollBack(clone);
    await runs(clone, after);
    const { rolled, whole } = await goBack(clone, before);
    times.ours.push(rolled);
    times.command.push(whole);
    story(
      `Swarm ${times.swarm.at(-1)?.toFixed(1)} s, promote ${rolled.toFixed(1)} s, its command ${whole.toFixed(1)} s`,
    );
    await delivered(clone);
  }
} finally {
  await clone.remove();
}
const [ours, swarm, command] = [median(times.ours), median(times.swarm), median(times.command)];
process.stdout.write(
  `production back to the release before, median of ${rounds}: promote ${ours.toFixed(1)} s (its whole command, which previews before and ` +
    `proves after, ${command.toFixed(1)} s), Swarm alone ${swarm.toFixed(1)} s: ${(ours - swarm).toFixed(1)} s more (at most ${allowance})\n`,
);
process.exitCode = ours - swarm > allowance ? 1 : 0;
