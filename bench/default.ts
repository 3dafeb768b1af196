import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

import { environments } from "../settings/environment.ts";
import { ensure } from "../setup/ensure.ts";
import { Clone } from "../tests/support/clone.ts";
import { delivered, greet, median, seconds, story, succeeded } from "./measured.ts";

/** One measured figure beside what it may be at most. */
interface Figure {
  what: string;
  measured: number;
  limit: number;
  unit: string;
}

const figures: Figure[] = [];

function note(what: string, measured: number, limit: number, unit: string): void {
  figures.push({ what, measured, limit, unit });
  story(`${what}: ${measured.toFixed(1)} ${unit} (at most ${limit})`);
}

/** The environments from nothing, the images they run being there: three `pulumi up` side by side. */
async function creation(clone: Clone): Promise<void> {
  for (const name of environments) {
    await succeeded(clone.pulumi("destroy", "-s", name, "--yes", "--skip-preview", "--non-interactive"));
  }
  const up = (name: string) => clone.pulumi("up", "-s", name, "--yes", "--skip-preview", "--non-interactive");
  const taken = await seconds(() => Promise.all(environments.map((name) => succeeded(up(name)))));
  note("creating all three environments from nothing", taken, 60, "s");
}

async function commitToProduction(clone: Clone): Promise<void> {
  for (const round of [1, 2, 3]) {
    await greet(clone, `for the ${round}. time`);
    note(
      `a commit that changes only the demo's source, ${round}. time`,
      await seconds(() => delivered(clone)),
      75,
      "s",
    );
  }
}

/** Resident memory of every process in the containers of the clone; pages that processes share count for each. */
async function memory(clone: Clone): Promise<void> {
  const { stdout } = await execa("docker", [
    "ps",
    "--quiet",
    "--filter",
    `label=slipway.instance=${await clone.instance()}`,
  ]);
  const roots = await Promise.all(
    stdout.split("\n").map(async (id) => (await execa("docker", ["inspect", "--format", "{{.State.Pid}}", id])).stdout),
  );
  const { stdout: table } = await execa("ps", ["-e", "-o", "pid=,ppid=,rss="]);
  const processes = table.split("\n").map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const parents = new Map(processes.map(([pid, parent]) => [pid, parent]));
  const inside = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (roots.includes(String(pid)) || inside(parents.get(pid)));
  const kibibytes = processes.filter(([pid]) => inside(pid)).reduce((total, [, , rss]) => total + rss, 0);
  note("resident memory of the whole default", kibibytes / 1024 / 1024, 2.5, "GiB");
}

async function help(clone: Clone): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < 9; run++) {
    times.push((await seconds(() => succeeded(clone.promote("--help")))) * 1_000);
    await sleep(50);
  }
  note("promote --help, median of 9", median(times), 200, "ms");
}

await ensure(story);
const clone = await Clone.make("bench");
try {
  note("the first delivery of all, platform images included", await seconds(() => delivered(clone)), 600, "s");
  await commitToProduction(clone);
  await memory(clone);
  await help(clone);
  await creation(clone);
} finally {
  await clone.remove();
}
const rows = figures.map(({ what, measured, limit, unit }) => [
  what,
  `${measured.toFixed(1)} ${unit}`,
  `${limit} ${unit}`,
]);
for (const row of rows) process.stdout.write(`${row.join("\t")}\n`);
process.exitCode = figures.some(({ measured, limit }) => measured > limit) ? 1 : 0;
