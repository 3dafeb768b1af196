import { readFileSync } from "node:fs";

import manifest from "../package.json" with { type: "json" };

export interface DatabaseSettings {
  host: string;
  port: number;
  user: string;
  database: string;
  password: string;
}

export interface Settings {
  port: number;
  environment: string;
  version: string;
  commit: string;
  /** How long requests are still served after SIGTERM, so that the proxy can turn elsewhere. */
  drainSeconds: number;
}

type Environment = Record<string, string | undefined>;

function integer(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  if (!/^\d{1,6}$/.test(text)) throw new Error(`${name} is "${text}"; expected a whole number`);
  return Number(text);
}

/** What the server is started with. */
export function settingsFrom(env: Environment): Settings {
  return {
    port: integer(env, "PORT", 3000),
    environment: env.ENVIRONMENT || "development",
    version: env.RELEASE_VERSION || manifest.version,
    commit: env.RELEASE_COMMIT || "unknown",
    drainSeconds: integer(env, "DRAIN_SECONDS", 3),
  };
}

/** Where the database is. The password is read from a file: what is in the environment shows in many places. */
export function databaseFrom(env: Environment): DatabaseSettings {
  const file = env.DATABASE_PASSWORD_FILE || "/run/secrets/database-password";
  return {
    host: env.DATABASE_HOST || "database",
    port: integer(env, "DATABASE_PORT", 5432),
    user: env.DATABASE_USER || "demo",
    database: env.DATABASE_NAME || "demo",
    password: readFileSync(file, "utf8").trimEnd(),
  };
}
