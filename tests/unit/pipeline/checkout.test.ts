import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { checkOut, cleanCheckout } from "../../../pipeline/checkout.ts";
import { gitOutput } from "../../../pipeline/git.ts";
import { emptyRepository, type Repository } from "./repository.ts";

let repository: Repository;
let root: string;

beforeEach(async () => {
  repository = await emptyRepository();
  root = await mkdtemp(join(tmpdir(), "checkouts-"));
});
afterEach(async () => {
  await repository.remove();
  await rm(root, { recursive: true, force: true });
});

const take = (commit: string): Promise<string> => checkOut(commit, { source: repository.folder, root });
const read = (folder: string, name: string): Promise<string> => readFile(join(folder, name), "utf8");

test("a checkout holds exactly the commit, not the working tree", async () => {
  const commit = await repository.commit({ a: "committed" });
  await writeFile(join(repository.folder, "a"), "edited");
  await writeFile(join(repository.folder, "b"), "new");
  const folder = await take(commit);
  expect(await read(folder, "a")).toBe("committed");
  expect((await readdir(folder)).sort()).toEqual([".git", "a"]);
});

test("an older commit can be checked out", async () => {
  const first = await repository.commit({ a: "1" });
  await repository.commit({ a: "2" });
  expect(await read(await take(first), "a")).toBe("1");
});

test("a checkout that is there and unmodified is used again", async () => {
  const commit = await repository.commit({ a: "1" });
  const { ino } = await stat(join(await take(commit), "a"));
  expect((await stat(join(await take(commit), "a"))).ino).toBe(ino);
});

test.each([
  ["an edited file", "a", "edited"],
  ["a broken repository", ".git/HEAD", "nonsense"],
])("a checkout with %s is made again", async (_, file, text) => {
  const commit = await repository.commit({ a: "1" });
  await writeFile(join(await take(commit), file), text);
  const folder = await take(commit);
  expect(await read(folder, "a")).toBe("1");
  expect((await gitOutput(folder, ["status", "--porcelain"])).trim()).toBe("");
});

test("what is not the commit's goes, whether git ignores it or not", async () => {
  const commit = await repository.commit({ ".gitignore": "node_modules/\n" });
  const folder = await take(commit);
  await mkdir(join(folder, "node_modules"));
  await writeFile(join(folder, "node_modules", "x"), "");
  await writeFile(join(folder, "output"), "");
  await cleanCheckout(folder);
  expect((await readdir(folder)).sort()).toEqual([".git", ".gitignore"]);
});

test("cleaning a checkout whose repository is broken leaves the project around it alone", async () => {
  const commit = await repository.commit({ a: "1" });
  const inside = join(repository.folder, "checkouts");
  const folder = await checkOut(commit, { source: repository.folder, root: inside });
  await rm(join(folder, ".git"), { recursive: true });
  await writeFile(join(folder, "kept"), "");
  await cleanCheckout(folder);
  expect(await readdir(folder)).toContain("kept");
});

test("a checkout works in a shallow clone", async () => {
  await repository.commit({ a: "1" });
  const commit = await repository.commit({ a: "2" });
  const clone = await mkdtemp(join(tmpdir(), "shallow-"));
  await gitOutput(clone, ["clone", "--quiet", "--depth=1", `file://${repository.folder}`, "."]);
  expect(await read(await checkOut(commit, { source: clone, root }), "a")).toBe("2");
  await rm(clone, { recursive: true });
});

test("hooks of the machine do not run", async () => {
  const commit = await repository.commit({ a: "1" });
  const hooks = await mkdtemp(join(tmpdir(), "hooks-"));
  const marker = join(hooks, "ran");
  await writeFile(join(hooks, "post-checkout"), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
  await repository.git("config", "core.hooksPath", hooks);
  await take(commit);
  await expect(stat(marker)).rejects.toThrow();
  await rm(hooks, { recursive: true });
});

test("only the last few checkouts are kept", async () => {
  const commits: string[] = [];
  for (let i = 0; i < 7; i++) commits.push(await repository.commit({ a: String(i) }));
  for (const commit of commits) await take(commit);
  expect((await readdir(root)).sort()).toEqual(commits.slice(-5).sort());
});
