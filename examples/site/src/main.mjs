import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { page } from "./pages.mjs";

let stopping = false;
const server = createServer((request, response) => {
  request.resume();
  const [status, text] = page(process.env.SITE, request.url, stopping);
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Release": process.env.RELEASE_COMMIT,
    ...(stopping ? { Connection: "close" } : {}),
  });
  response.end(text);
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
