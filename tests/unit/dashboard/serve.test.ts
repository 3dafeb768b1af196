import { expect, test } from "vitest";

import { createApp } from "../../../dashboard/app.ts";
import { assertPrivate, serve } from "../../../dashboard/serve.ts";

const plain = { behindProxy: false };

test.each(["127.0.0.1", "127.1.2.3", "::1", "localhost"])("it listens on %s without TLS", (host) => {
  expect(() => assertPrivate({ host, ...plain })).not.toThrow();
});

test.each(["0.0.0.0", "::", "192.0.2.1", "127.example.org", "example.org"])("it refuses %s without TLS", (host) => {
  expect(() => assertPrivate({ host, ...plain })).toThrow(/others could read passwords/);
  expect(() => assertPrivate({ host, behindProxy: true })).not.toThrow();
  expect(() => assertPrivate({ host, tls: { certificate: "c", key: "k" }, ...plain })).not.toThrow();
});

test("it answers until it is stopped, with event streams open or not, and names a port that is taken", async () => {
  const app = createApp({ users: () => Promise.resolve([]), secure: false, proxied: false, audit: () => {} }, () => {});
  const stop = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  const address = await new Promise<string>((resolve, reject) => {
    ended = serve(app, { host: "127.0.0.1", port: 0, ...plain }, stop.signal, resolve);
    ended.catch(reject);
  });
  expect((await fetch(`${address}/login`)).status).toBe(200);
  const taken = { host: "127.0.0.1", port: Number(new URL(address).port), ...plain };
  await expect(serve(app, taken, stop.signal, () => {})).rejects.toThrow(/cannot listen.*EADDRINUSE/);
  stop.abort();
  await ended;
  await expect(fetch(`${address}/login`)).rejects.toThrow();
});
