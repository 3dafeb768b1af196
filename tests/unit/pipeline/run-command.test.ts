import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";

import { InterruptedError, PrerequisiteError } from "../../../pipeline/errors.ts";
import { LogFile } from "../../../pipeline/log-file.ts";
import { runCommand } from "../../../pipeline/run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-command-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const node = (script: string): string[] => [process.execPath, "-e", script];
const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Whether the process ends within two seconds. */
async function ends(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 40 && runs(pid); tries++) await sleep(50);
  return !runs(pid);
}

const pidIn = async (file: string): Promise<number> => {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text !== "") return Number(text);
    await sleep(20);
  }
};

/** Starts a grandchild that would live for a minute and writes its id to a file. */
const withGrandchild = (file: string, rest: string): string[] =>
  node(`const { spawn } = require("node:child_process");
    const child = spawn("sleep", ["60"], { stdio: "inherit" });
    require("node:fs").writeFileSync(${JSON.stringify(file)}, String(child.pid));
    ${rest}`);

test("output and exit code come back", async () => {
  const result = await runCommand(node(`console.log("out"); console.error("err"); process.exitCode = 3`), {
    cwd: folder,
  });
  expect(result).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n", timedOut: false });
});

test.each(["; touch owned", "$(touch owned)", "`touch owned`", "| touch owned", "'\"", "a b", "*"])(
  "the argument %j reaches the program as it is",
  async (argument) => {
    const echo = [process.execPath, "-p", "process.argv[1]", argument];
    expect((await runCommand(echo, { cwd: folder })).stdout).toBe(`${argument}\n`);
    await expect(stat(join(folder, "owned"))).rejects.toThrow();
  },
);

test("a variable set to undefined is removed", async () => {
  const command = node("console.log(process.env.HOME, process.env.A)");
  const result = await runCommand(command, { cwd: folder, env: { HOME: undefined, A: "1" } });
  expect(result.stdout).toBe("undefined 1\n");
});

test("a program that is not there is a missing prerequisite", async () => {
  await expect(runCommand(["no-such-program"], { cwd: folder })).rejects.toThrow(PrerequisiteError);
});

test("what a command left running ends with it", async () => {
  const file = join(folder, "pid");
  await runCommand(withGrandchild(file, "process.exit(0)"), { cwd: folder });
  expect(await ends(await pidIn(file))).toBe(true);
});

test("an abort ends the command and its children, and is told as an interruption", async () => {
  const file = join(folder, "pid");
  const controller = new AbortController();
  const running = runCommand(withGrandchild(file, "setInterval(() => {}, 1000)"), {
    cwd: folder,
    signal: controller.signal,
  });
  const pid = await pidIn(file);
  controller.abort();
  await expect(running).rejects.toThrow(InterruptedError);
  expect(await ends(pid)).toBe(true);
});

test("a command that ignores being asked is ended by force after its grace", async () => {
  const controller = new AbortController();
  const stubborn = node(`process.on("SIGINT", () => {}); console.log("ready"); setInterval(() => {}, 1000)`);
  const stop = { signal: "SIGINT", graceSeconds: 0.2 } as const;
  const onOutput = (): void => controller.abort();
  await expect(runCommand(stubborn, { cwd: folder, signal: controller.signal, stop, onOutput })).rejects.toThrow(
    InterruptedError,
  );
});

test("a command that leaves its group is ended too when it is ended by force", async () => {
  const file = join(folder, "pid");
  const leaving = node(`const { spawn } = require("node:child_process");
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    require("node:fs").writeFileSync(${JSON.stringify(file)}, String(child.pid));
    process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`);
  const stop = { signal: "SIGTERM", graceSeconds: 0.2 } as const;
  const result = await runCommand(leaving, { cwd: folder, timeoutSeconds: 0.5, stop });
  expect(result.timedOut).toBe(true);
  expect(await ends(await pidIn(file))).toBe(true);
});

test("a time limit ends the command", async () => {
  const result = await runCommand(node("setInterval(() => {}, 1000)"), { cwd: folder, timeoutSeconds: 0.3 });
  expect(result).toMatchObject({ exitCode: undefined, timedOut: true });
});

test("nothing is started once somebody has asked to stop", async () => {
  await expect(runCommand(node(""), { cwd: folder, signal: AbortSignal.abort() })).rejects.toThrow(InterruptedError);
});

test("a flood of output ends up in a log of bounded size, with its last lines", async () => {
  const log = new LogFile(join(folder, "flood.log"), 100_000);
  const flood = node(`for (let i = 0; i < 200_000; i++) process.stdout.write("line " + i + "\\n")`);
  const result = await runCommand(flood, { cwd: folder, log });
  log.close();
  expect(result.exitCode).toBe(0);
  expect(log.tail(2)).toEqual(["line 199998", "line 199999"]);
  expect((await stat(log.path)).size).toBeLessThan(110_000);
  const text = await readFile(log.path, "utf8");
  expect(text).toContain("is left out, except the last lines");
  expect(text).toContain("line 199999");
});

test("a command that does not listen to signals yet is asked to stop once it does", async () => {
  const asked = join(folder, "asked");
  const begun = join(folder, "begun");
  const script = `require("node:fs").writeFileSync(${JSON.stringify(begun)}, "1");
    setTimeout(() => process.on("SIGINT", () => {
      require("node:fs").writeFileSync(${JSON.stringify(asked)}, "yes");
      process.exit(0);
    }), 300);
    setTimeout(() => {}, 60_000);`;
  const interruption = new AbortController();
  const stop = { signal: "SIGINT", graceSeconds: 20, deafSeconds: 2 } as const;
  const run = runCommand(node(script), { cwd: folder, signal: interruption.signal, stop });
  const failed = expect(run).rejects.toThrow(InterruptedError);
  await pidIn(begun);
  interruption.abort();
  await failed;
  expect(await readFile(asked, "utf8")).toBe("yes");
});

test("whoever aborts may leave less time than the command would have", async () => {
  const stop = new AbortController();
  const stubborn = node(`process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)`);
  const run = runCommand(stubborn, {
    cwd: folder,
    signal: stop.signal,
    stop: { signal: "SIGTERM", graceSeconds: 60 },
    onOutput: () => stop.abort(Object.assign(new Error("lost"), { graceSeconds: 0.1 })),
  });
  await expect(run).rejects.toThrow(InterruptedError);
}, 10_000);

test("a command is told of while it runs", async () => {
  const told: string[] = [];
  const take = (what: string) => (pid: number) => void told.push(`${what} ${runs(pid)}`);
  await runCommand(node("1"), { cwd: folder, onStart: take("began"), onEnd: take("ended") });
  expect(told).toEqual(["began true", "ended false"]);
});

test("what gives way is of a lower priority, in its session and among sessions, and so is what it starts", async () => {
  const grandchild = `
    const { getPriority } = require("node:os");
    const { readFileSync } = require("node:fs");
    const read = () => { try { return readFileSync("/proc/self/autogroup", "utf8").match(/nice (.*)/)[1]; } catch { return "none"; } };
    console.log(getPriority(), read());`;
  // It starts another one only once it has been told itself.
  const child = `
    const { getPriority } = require("node:os");
    const { spawnSync } = require("node:child_process");
    const wait = () => getPriority() === 0 ? setTimeout(wait, 10)
      : setTimeout(() => spawnSync(process.execPath, ["-e", process.env.NEXT], { stdio: "inherit" }), 50);
    wait();`;
  const run = (options: { yields?: boolean }) =>
    runCommand(node(options.yields ? child : grandchild), { cwd: folder, env: { NEXT: grandchild }, ...options });
  const own = await run({});
  expect(own.stdout).toMatch(/^0 (0|none)\n$/);
  const { stdout } = await run({ yields: true });
  expect(stdout).toBe(own.stdout.includes("none") ? "10 none\n" : "10 10\n");
});
