import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

import { PrerequisiteError, UsageError } from "../pipeline/errors.ts";
import type { App } from "./app.ts";

export interface ListenOptions {
  host: string;
  /** 0 takes one that is free. */
  port: number;
  /** The files of a certificate with its chain, and of its key. */
  tls?: { certificate: string; key: string };
  behindProxy: boolean;
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/**
 * Makes sure that no password crosses a network in clear.
 * @throws UsageError
 */
export function assertPrivate({ host, tls, behindProxy }: Pick<ListenOptions, "host" | "tls" | "behindProxy">): void {
  if (tls || behindProxy || isLoopback(host)) return;
  throw new UsageError(`On ${host} others could read passwords on their way`, {
    next: "with --tls-certificate and --tls-key, or with --behind-proxy where a proxy speaks TLS for it",
  });
}

const readable = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read: ${cause.code ?? cause.message}`, { cause });
  });

async function serverOf({ tls }: ListenOptions, app: App) {
  const { fetch } = app;
  if (!tls) return createAdaptorServer({ fetch, createServer });
  const [cert, key] = await Promise.all([readable(tls.certificate), readable(tls.key)]);
  return createAdaptorServer({ fetch, createServer: createSecureServer, serverOptions: { cert, key } });
}

/**
 * Serves the pages until the signal is aborted.
 * @param listening told the address once it answers
 * @throws UsageError when that would not be safe, PrerequisiteError when it cannot listen there
 */
export async function serve(
  app: App,
  options: ListenOptions,
  signal: AbortSignal,
  listening: (address: string) => void,
): Promise<void> {
  assertPrivate(options);
  const { host, port, tls } = options;
  const server = await serverOf(options, app);
  server.listen(port, host);
  await once(server, "listening").catch((cause: NodeJS.ErrnoException) => {
    const taken = cause.code === "EADDRINUSE" ? { next: "another one with --port" } : {};
    throw new PrerequisiteError(`The dashboard cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`, {
      cause,
      ...taken,
    });
  });
  const shown = host.includes(":") ? `[${host}]` : host;
  listening(`${tls ? "https" : "http"}://${shown}:${(server.address() as AddressInfo).port}`);
  if (!signal.aborted) await once(signal, "abort");
  server.close();
  // Open event streams never end by themselves.
  if ("closeAllConnections" in server) server.closeAllConnections();
}
