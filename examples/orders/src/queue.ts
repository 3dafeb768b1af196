import { createClient } from "redis";

const url = process.env.QUEUE_URL ?? "redis://127.0.0.1:6379";

/** A connection to the queue. It comes again by itself, and what is asked meanwhile waits for it. */
export async function connected() {
  const client = createClient({ url, socket: { reconnectStrategy: 200 } });
  client.on("error", (error) => console.error(`queue: ${error instanceof Error ? error.message : error}`));
  await client.connect();
  return client;
}

export const waiting = "orders:waiting";
export const taken = "orders:taken";
export const states = "orders:states";
