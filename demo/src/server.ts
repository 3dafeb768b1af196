import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { log, reason } from "./log.ts";
import { type Answer, answer, type Context } from "./routes.ts";

/** The caller's id of a request, unless it is missing or not fit for a log line. A proxy may have added its own behind. */
function requestId(request: IncomingMessage): string {
  const [given] = [request.headers["x-request-id"] ?? ""].flat().join().split(",");
  return given !== undefined && /^[\w.:-]{1,100}$/.test(given) ? given : crypto.randomUUID();
}

function send(response: ServerResponse, { status, body, headers }: Answer, close: boolean): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    // A connection that is kept would carry the client's next request to a server that is gone.
    ...(close ? { Connection: "close" } : {}),
    ...headers,
  });
  response.end(text);
}

async function handle(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = requestId(request);
  const { method = "GET", url = "/" } = request;
  response.setHeader("X-Request-Id", id);
  request.resume();
  try {
    send(response, await answer(context, method, url), context.stopping());
  } catch (error) {
    log("request failed", { id, method, path: url.split("?")[0], reason: reason(error) });
    send(response, { status: 503, body: { error: "the database cannot be reached" } }, context.stopping());
  }
}

/** The HTTP server, not yet listening. */
export function serverOf(context: Context): Server {
  const server = createServer((request, response) => void handle(context, request, response));
  // Longer than any proxy keeps an idle connection, so that it is the proxy that closes first.
  server.keepAliveTimeout = 75_000;
  return server;
}

/** Takes no new connections and ends when the open requests have. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}
