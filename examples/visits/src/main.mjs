import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

import { answer } from "./visits.mjs";

const pool = new pg.Pool({ password: readFileSync(process.env.PASSWORD_FILE, "utf8"), max: 4 });
pool.on("error", (error) => console.error(`database: ${error.message}`));
// One statement is one transaction, and tasks that start at once would make the table twice: one waits for the other.
await pool.query(
  "SELECT pg_advisory_xact_lock(1); CREATE TABLE IF NOT EXISTS visit (page text PRIMARY KEY, number bigint NOT NULL)",
);

const upsert =
  "INSERT INTO visit VALUES ('/', 1) ON CONFLICT (page) DO UPDATE SET number = visit.number + 1 RETURNING number";
const count = async () => Number((await pool.query(upsert)).rows[0].number);

let stopping = false;
const server = createServer(async (request, response) => {
  request.resume();
  const [status, body] = await answer(count, request.url, stopping).catch((error) => [503, { error: error.message }]);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "X-Release": process.env.RELEASE_COMMIT,
    ...(stopping ? { Connection: "close" } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
});
server.keepAliveTimeout = 75_000;
server.listen(3000);

process.once("SIGTERM", async () => {
  // The edge sees it in the health check, and sends no more.
  stopping = true;
  await sleep(3_000);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
