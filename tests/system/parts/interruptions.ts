import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { hello } from "../../support/production.ts";

/** Waits until a run says something; throws after two minutes, or when the run ends without it. */
async function untilItSays(run: ReturnType<Clone["start"]>, words: RegExp): Promise<void> {
  let said = "";
  let over = false;
  run.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  void run.finally(() => {
    over = true;
  });
  const deadline = Date.now() + 120_000;
  while (!words.test(said)) {
    if (over || Date.now() > deadline) throw new Error(`It never said ${words}:\n${said}`);
    await sleep(50);
  }
}

/** Whatever ends a run, the same command afterwards goes on and ends right. */
export function interruptions(clone: () => Clone): void {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s in the middle of a deploy ends it with nothing locked",
    async (signal) => {
      await clone().edit("demo/src/routes.ts", "from the demo", `from the demo, ${signal}`);
      const commit = await clone().commit(`Greet after ${signal}`);
      const run = clone().start(["--continuous"]);
      await untilItSays(run, /4\W+deploy to staging/i);
      run.kill(signal);
      const { exitCode, stderr } = await run;
      expect(exitCode, String(stderr)).toBe(130);
      expect((await clone().pulumi("stack", "ls", "--json")).stdout).not.toContain('"updateInProgress": true');
      expect(commit).toMatch(/^[0-9a-f]{40}$/);
    },
  );

  test("a driver that was killed with all its children is followed by a run that just works", async () => {
    const run = clone().start(["--continuous"]);
    await untilItSays(run, /4\W+deploy to staging/i);
    await killTree(run.pid as number);
    await run;
    const again = await clone().promote("--continuous");
    expect(again.exitCode, again.stderr).toBe(0);
    const { stdout: commit } = await clone().git("rev-parse", "HEAD");
    expect(await hello(clone(), "production")).toMatchObject({ commit });
  });
}

/** Kills a process and everything that descends from it, at once and for good. */
async function killTree(root: number): Promise<void> {
  const { execa } = await import("execa");
  const { stdout } = await execa("ps", ["-e", "-o", "pid=,ppid="]);
  const parents = new Map(
    stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number) as [pid: number, parent: number]),
  );
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || descends(parents.get(pid)));
  for (const pid of [...parents.keys()].filter(descends)) process.kill(pid, "SIGKILL");
}
