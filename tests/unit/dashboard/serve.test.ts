import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

import { createApp } from "../../../dashboard/app.ts";
import { assertPrivate, serve } from "../../../dashboard/serve.ts";
import { temporaryFolder } from "../temporary-folder.ts";

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

test.skipIf(!existsSync("/usr/bin/openssl"))(
  "with a certificate it speaks TLS, and browsers are to stay with that",
  async () => {
    const folder = await temporaryFolder();
    const [certificate, key] = [join(folder, "site.pem"), join(folder, "site.key")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const files = ["-keyout", key, "-out", certificate];
    await execa("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...files]);
    const app = createApp(
      { users: () => Promise.resolve([]), secure: true, proxied: false, audit: () => {} },
      () => {},
    );
    const stop = new AbortController();
    let ended: Promise<void> = Promise.resolve();
    const address = await new Promise<string>((resolve, reject) => {
      const listen = { host: "127.0.0.1", port: 0, tls: { certificate, key }, behindProxy: false };
      ended = serve(app, listen, stop.signal, resolve);
      ended.catch(reject);
    });
    const ca = await readFile(certificate);
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const asked = request(`${address}/login`, { ca }, (response) => resolve(response.resume().headers));
      asked.on("error", reject).end();
    });
    expect(address).toMatch(/^https:/);
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
    await expect(fetch(address.replace("https:", "http:"))).rejects.toThrow();
    stop.abort();
    await ended;
  },
);
