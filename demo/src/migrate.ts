import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";

import { log, reason } from "./log.ts";
import { pending, readMigrations } from "./migrations.ts";
import { type DatabaseSettings, databaseFrom } from "./settings.ts";

const patience = 60_000;
// Any number, the same in every release: it is what two migrations at once wait for each other by.
const lock = 7_403_126;

/** A connection to the database, which may only be starting. */
async function connection(settings: DatabaseSettings): Promise<pg.Client> {
  const deadline = Date.now() + patience;
  for (;;) {
    const client = new pg.Client({ ...settings, connectionTimeoutMillis: 5000 });
    try {
      await client.connect();
      client.on("error", (error) => log("database connection lost", { reason: reason(error) }));
      return client;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      log("waiting for the database", { reason: reason(error) });
      await sleep(500);
    }
  }
}

async function applied(client: pg.Client): Promise<string[]> {
  await client.query(
    "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
  );
  const { rows } = await client.query<{ name: string }>("SELECT name FROM migration");
  return rows.map(({ name }) => name);
}

/** Applies what is missing, each in a transaction with the note that it was. */
async function migrate(client: pg.Client): Promise<void> {
  await client.query("SELECT pg_advisory_lock($1)", [lock]);
  const migrations = await readMigrations(join(import.meta.dirname, "../migrations"));
  for (const { name, sql } of pending(migrations, await applied(client))) {
    await client.query("BEGIN");
    await client.query(sql);
    await client.query("INSERT INTO migration (name) VALUES ($1)", [name]);
    await client.query("COMMIT");
    log("migrated", { migration: name });
  }
}

try {
  const client = await connection(databaseFrom(process.env));
  // The lock and an unfinished transaction end with the connection.
  await migrate(client).finally(() => client.end());
  log("the database is up to date");
} catch (error) {
  log("migration failed", { reason: reason(error) });
  process.exitCode = 1;
}
