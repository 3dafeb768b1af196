import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { StatusFile } from "../../../../pipeline/commit-status/file.ts";
import { commitStatus } from "../../../../pipeline/commit-status/state.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const status = (description: string) => commitStatus("success", description);

async function commitsIn(path: string): Promise<{ sha: string; description: string }[]> {
  return JSON.parse(await readFile(path, "utf8")).commits;
}

test("the newest status of each commit is kept, newest first, also by the next run", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "statuses.json");
  const file = await StatusFile.open(path);
  await file.set("a", status("one"));
  await file.set("b", status("two"));
  await (await StatusFile.open(path)).set("a", status("three"));
  expect((await commitsIn(path)).map(({ sha, description }) => [sha, description])).toEqual([
    ["a", "three"],
    ["b", "two"],
  ]);
  expect(await readdir(folder)).toEqual(["statuses.json"]);
});

test("old commits go", async () => {
  const path = join(await temporaryFolder(), "statuses.json");
  const file = await StatusFile.open(path);
  for (let commit = 0; commit < 60; commit++) await file.set(`${commit}`, status("one"));
  const commits = await commitsIn(path);
  expect([commits.length, commits[0]?.sha, commits.at(-1)?.sha]).toEqual([50, "59", "10"]);
});

test("a file that is somebody else's is left as it is", async () => {
  const path = join(await temporaryFolder(), "package.json");
  await writeFile(path, '{"name": "precious"}');
  await expect(StatusFile.open(path)).rejects.toThrow("would be overwritten");
  expect(await readFile(path, "utf8")).toBe('{"name": "precious"}');
});

test("a path that cannot be written is refused at once", async () => {
  const folder = await temporaryFolder();
  await expect(StatusFile.open(join(folder, "nowhere", "statuses.json"))).rejects.toThrow("cannot be written: ENOENT");
  await mkdir(join(folder, "folder"));
  await expect(StatusFile.open(join(folder, "folder"))).rejects.toThrow("cannot be read: EISDIR");
});
