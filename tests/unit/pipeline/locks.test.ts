import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { expect, test } from "vitest";

import { LockedError } from "../../../pipeline/errors.ts";
import type { Progress } from "../../../pipeline/events.ts";
import { type Custody, unlocked } from "../../../pipeline/locks.ts";
import type { StackLock } from "../../../pipeline/pulumi-errors.ts";

const since = "2026-01-31T12:00:00Z";

/** What Pulumi says of a stack that somebody has. */
const lockedBy = (...locks: { host: string; pid: number }[]): Error =>
  new Error(
    `error: the stack is currently locked by ${locks.length} lock(s).\n${locks
      .map(({ host, pid }) => `  file:///state/.pulumi/locks/x.json: created by ann@${host} (pid ${pid}) at ${since}`)
      .join("\n")}`,
  );

/** A stack that is locked until somebody removes the locks. */
function aStack(error: Error) {
  let cancelled = 0;
  const stack = {
    name: "staging",
    cancel: async () => {
      cancelled++;
    },
  };
  const action = async (): Promise<string> => {
    if (cancelled === 0) throw error;
    return "done";
  };
  return { stack, action, cancelled: () => cancelled };
}

function aCustody(outlived: (lock: StackLock) => boolean) {
  const calls: string[] = [];
  const custody: Custody = {
    began: () => {},
    ended: () => {},
    outlived,
    cleared: () => void calls.push("cleared"),
  };
  return { custody, calls };
}

const deadPid = (): number => spawnSync(process.execPath, ["--version"]).pid;

test("the lock of a process of this machine that is dead is removed, and that is said", async () => {
  const pid = deadPid();
  const { stack, action, cancelled } = aStack(lockedBy({ host: hostname(), pid }));
  const told: Parameters<Progress>[0][] = [];
  expect(await unlocked(stack, (event) => told.push(event), action)).toBe("done");
  expect(cancelled()).toBe(1);
  expect(told).toEqual([
    { type: "note", text: `Removed the lock of staging: the process that held it (${pid}) is dead.` },
  ]);
});

test("one of another machine is left alone, whatever runs there by that number", async () => {
  const { stack, action, cancelled } = aStack(lockedBy({ host: "elsewhere", pid: deadPid() }));
  const error = await unlocked(stack, () => {}, action).catch((one: unknown) => one as LockedError);
  expect(error).toBeInstanceOf(LockedError);
  expect(String(error)).toContain("held by ann on elsewhere");
  expect((error as LockedError).next).toContain("pulumi cancel -s staging");
  expect(cancelled()).toBe(0);
});

test("one of another machine's driver whose lease was taken over is removed", async () => {
  const { stack, action, cancelled } = aStack(lockedBy({ host: "elsewhere", pid: 7 }));
  const { custody, calls } = aCustody(({ host, pid }) => host === "elsewhere" && pid === 7);
  const told: Parameters<Progress>[0][] = [];
  expect(await unlocked(stack, (event) => told.push(event), action, custody)).toBe("done");
  expect(cancelled()).toBe(1);
  expect(calls).toEqual(["cleared"]);
  expect(JSON.stringify(told)).toContain("7 on elsewhere");
});

test("of two locks one of which may be of somebody alive, none is removed", async () => {
  const { stack, action, cancelled } = aStack(lockedBy({ host: "elsewhere", pid: 7 }, { host: "elsewhere", pid: 8 }));
  const { custody } = aCustody(({ pid }) => pid === 7);
  await expect(unlocked(stack, () => {}, action, custody)).rejects.toThrow("process 8");
  expect(cancelled()).toBe(0);
});

test("what has nothing to do with locks passes through", async () => {
  const { stack, action } = aStack(new Error("no network"));
  await expect(unlocked(stack, () => {}, action)).rejects.toThrow("no network");
});
