// `node setup/start.mjs bench/back.ts [rounds]`: production goes back to the release before, by `docker service update --rollback` and
// by `promote rollback`, in turn. Of both, what is timed is until Swarm says that all tasks are replaced, as its events tell it: to ask for
// its tasks again and again would take a good part of a processor from what is measured.
import { execa } from "execa";

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

/** How many seconds after a moment, in milliseconds since 1970, Swarm had replaced all tasks of the service. */
async function replaced(clone: Clone, since: number): Promise<number> {
  const what = ["--since", `${since / 1_000}`, "--filter", "type=service", "--filter", `service=${service}`];
  const format = '{{.TimeNano}} {{index .Actor.Attributes "updatestate.new"}}';
  const options = { timeout: 120_000, reject: false, stdin: "ignore" } as const;
  const events = execa(
    "docker",
    ["-H", engineAddress(clone, "production"), "events", ...what, "--format", format],
    options,
  );
  try {
    for await (const line of events) {
      const [at, state = ""] = line.split(" ");
      if (!/^(rollback_)?completed$/.test(state)) continue;
      // Whoever leaves the loop waits for the command's end.
      events.kill();
      return (Number(at) / 1e6 - since) / 1_000;
    }
  } finally {
    events.kill();
  }
  throw new Error(`Swarm does not say that the tasks of ${service} are replaced`);
}

/** Makes sure that all tasks of the service run the commit. */
async function assertRuns(clone: Clone, commit: string): Promise<void> {
  const app = (await readServices(engineOf(clone, "production"), "production")).find(({ name }) => name === service);
  const whole = app && app.replicas.running === app.replicas.desired;
  if (!whole || app.commit !== commit) throw new Error(`${service} does not run ${commit}`);
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

/** From when promote says that it goes back until all of production is replaced; and how long the whole command took. */
async function goBack(clone: Clone): Promise<{ rolled: number; whole: number }> {
  const command = clone.start(["rollback", "production", "--yes"]);
  let rolled: Promise<number> | undefined;
  command.stderr.on("data", (chunk: Buffer) => {
    if (String(chunk).includes("go back to")) rolled ??= replaced(clone, Date.now());
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
    const started = Date.now();
    await rollBack(clone);
    times.swarm.push(await replaced(clone, started));
    await assertRuns(clone, before);
    await rollBack(clone);
    await assertRuns(clone, after);
    const { rolled, whole } = await goBack(clone);
    await assertRuns(clone, before);
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
