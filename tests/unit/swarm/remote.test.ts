import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

import { installEngine, upgradeEngine } from "../../../swarm/remote.ts";

let folder: string;

/** Puts a program before those of this machine. */
async function pretend(name: string, body: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(folder, name), 0o755);
}

const calls = async (): Promise<string[]> =>
  (await readFile(join(folder, "calls"), "utf8").catch(() => "")).split("\n").filter(Boolean);

/** Runs a script as a host would, among the programs that are pretended here. */
const onHost = (script: string) =>
  execa("sh", ["-s"], { input: script, reject: false, env: { PATH: `${folder}:${process.env.PATH}` } });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-remote-"));
  for (const name of ["docker", "service", "systemctl", "usermod"]) await pretend(name, "exit 0");
  await pretend("sudo", 'shift; exec "$@"');
  await pretend("dpkg-query", "echo docker.io: /usr/sbin/dockerd");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("package sources that do not answer are given up, and nothing is installed", async () => {
  await pretend("apt-get", `echo "$*" >> ${folder}/calls; exec sleep 20`);
  const { exitCode, stderr } = await onHost(upgradeEngine(1));
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("its package sources did not answer within 1 s: apt-get update was stopped");
  expect(await calls()).toHaveLength(1);
});

test("a package is fetched in limited time, then unpacked without a limit", async () => {
  await pretend("apt-get", `case "$*" in *download-only*|*update*) ;; *) sleep 2;; esac; echo "$*" >> ${folder}/calls`);
  const { exitCode, stderr } = await onHost(upgradeEngine(1));
  expect(exitCode, stderr).toBe(0);
  const [update, fetched, unpacked, ...more] = await calls();
  expect(update).toContain("update");
  expect(fetched).toMatch(/install --yes --only-upgrade --download-only docker\.io/);
  expect(unpacked).toMatch(/^install --yes --only-upgrade docker\.io/);
  expect(more).toEqual([]);
});

test("what apt says is told, and an engine that is there is not installed", async () => {
  await pretend("apt-get", "echo 'E: Unable to locate package' >&2; exit 100");
  const { exitCode, stderr } = await onHost(upgradeEngine());
  expect([exitCode, stderr]).toEqual([1, "E: Unable to locate package"]);
  await pretend("dockerd", "exit 0");
  expect((await onHost(installEngine())).exitCode).toBe(0);
});
