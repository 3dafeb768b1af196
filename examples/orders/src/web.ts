import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { answer, type Queue } from "./orders.ts";
import { connected, states, waiting } from "./queue.ts";

const client = await connected();
const queue: Queue = {
  async add(order) {
    await client.multi().hSet(states, order, "waiting").lPush(waiting, order).exec();
  },
  stateOf: async (order) => (await client.hGet(states, order)) ?? undefined,
};

let stopping = false;
const server = createServer((request, response) => {
  request.resume();
  answer(queue, request.method ?? "GET", request.url ?? "/", stopping)
    .catch((error: Error) => ({ status: 503, body: { error: error.message } }))
    .then(({ status, body }) => {
      response.writeHead(status, {
        "Content-Type": "application/json",
        "X-Release": process.env.RELEASE_COMMIT ?? "",
        ...(stopping ? { Connection: "close" } : {}),
      });
      response.end(`${JSON.stringify(body)}\n`);
    });
});
// Longer than any proxy keeps an idle connection, so that it is the proxy that closes first.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT ?? 3000));

process.once("SIGTERM", async () => {
  // Whoever sends requests sees it in the health check, and sends no more.
  stopping = true;
  await sleep(3_000);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
