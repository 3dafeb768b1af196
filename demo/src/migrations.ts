import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Migration {
  name: string;
  sql: string;
}

const fileName = /^\d{3}-[a-z0-9-]+\.sql$/;

/** The migrations of a folder, in order. A name that would have no clear place in the order is refused. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).toSorted();
  const odd = names.find((name) => !fileName.test(name));
  if (odd !== undefined) throw new Error(`migrations/${odd} is not named like 001-what-it-does.sql`);
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), "utf8") })));
}

/** Those that are not applied yet. A database that knows others is ahead of this release, which is no fault of either. */
export function pending(migrations: Migration[], applied: string[]): Migration[] {
  const done = new Set(applied);
  return migrations.filter(({ name }) => !done.has(name));
}
