import pg from "pg";

import { log, reason } from "./log.ts";
import type { People } from "./people.ts";
import type { DatabaseSettings } from "./settings.ts";

export interface Database extends People {
  close(): Promise<void>;
}

/** The people in PostgreSQL. Connections are made when needed, so a database that restarts is no reason to. */
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
  return {
    async store(name) {
      await pool.query("INSERT INTO person (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [name]);
    },
    async list() {
      const { rows } = await pool.query<{ name: string }>("SELECT name FROM person ORDER BY name");
      return rows.map(({ name }) => name);
    },
    async check() {
      await pool.query("SELECT 1");
    },
    close: () => pool.end(),
  };
}
