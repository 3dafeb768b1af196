import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { pending, readMigrations } from "../src/migrations.ts";

async function folderWith(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of names) await writeFile(join(folder, name), `-- ${name}`);
  return folder;
}

test("migrations are read in the order of their numbers", async () => {
  const folder = await folderWith("010-third.sql", "001-first.sql", "002-second.sql");
  expect((await readMigrations(folder)).map(({ name }) => name)).toEqual([
    "001-first.sql",
    "002-second.sql",
    "010-third.sql",
  ]);
});

test("a file without a number is refused by name", async () => {
  await expect(readMigrations(await folderWith("notes.sql"))).rejects.toThrow("migrations/notes.sql");
});

test("only what was not applied is pending", () => {
  const first = { name: "001-first.sql", sql: "" };
  const second = { name: "002-second.sql", sql: "" };
  expect(pending([first, second], ["001-first.sql", "999-of-a-later-release.sql"])).toEqual([second]);
});
