import pg from "pg";

import { log, reason } from "./log.ts";
import { patiently } from "./patience.ts";
import type { People } from "./people.ts";
import type { DatabaseSettings } from "./settings.ts";

export interface Database extends People {
  close(): Promise<void>;
}

/** How long a database that restarts is waited for, in milliseconds; a proxy waits longer for an answer. */
const patience = 8_000;

/** A statement that waits for a lock, say, and what waits for a connection that such statements have. */
const takesLong = ["Query read timeout", "timeout exceeded when trying to connect"];

/** Whether the database cannot be reached, or is about to end or to begin, rather than that it says no to a statement or is slow. */
const isAbsent = (error: unknown): boolean =>
  error instanceof pg.DatabaseError
    ? /^(08|57P)/.test(error.code ?? "")
    : error instanceof Error && !takesLong.includes(error.message);

/**
 * The people in PostgreSQL. Connections are made when needed, so a database that restarts is no reason to; requests wait for it, which
 * they may, since each of these statements does the same when it is done twice.
 */
export function connect(settings: DatabaseSettings): Database {
  const pool = new pg.Pool({
    ...settings,
    max: 8,
    connectionTimeoutMillis: 2000,
    query_timeout: 5000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced at the next query.
  pool.on("error", (error) => log("database connection lost", { reason: reason(error) }));
  const check = async (): Promise<void> => {
    await pool.query("SELECT 1");
  };
  const patient = patiently({ ask: check, isAbsent, limit: patience, pause: 200 });
  return {
    async store(name) {
      await patient(() => pool.query("INSERT INTO person (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [name]));
    },
    async list() {
      const { rows } = await patient(() => pool.query<{ name: string }>("SELECT name FROM person ORDER BY name"));
      return rows.map(({ name }) => name);
    },
    check,
    close: () => pool.end(),
  };
}
