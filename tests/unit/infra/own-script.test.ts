import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

import { ownScript } from "../../../infra/own-script.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "own-script-"));
  await mkdir(join(root, "images"));
});
afterEach(() => rm(root, { recursive: true }));

const run = async (script: string, ...args: string[]) => {
  await writeFile(join(root, "images", "build.mjs"), script);
  const env = { PULUMI_LANGUAGE_NODEJS_RUN_PATH: join(root, "stacks", "run.ts") };
  const [file = "", ...words] = [...ownScript, "images/build.mjs", ...args];
  return execa(file, words, { cwd: tmpdir(), env, reject: false });
};

test("a script of the working tree runs there, with its arguments as they are", async () => {
  const told = await run("console.log(JSON.stringify([process.cwd(), process.argv.slice(2)]))", "--push", "a b;$(c)");
  expect(JSON.parse(told.stdout)).toEqual([root, ["--push", "a b;$(c)"]]);
});

test("it ends as the script does", async () => {
  expect((await run("process.exit(3)")).exitCode).toBe(3);
  expect((await run('process.kill(process.pid, "SIGKILL")')).exitCode).toBe(1);
});

test("no folder of this machine is in it: clones that share a state would take it for a change", () => {
  expect(ownScript.join(" ")).not.toContain(process.cwd());
});
