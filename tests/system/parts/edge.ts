import type { OutgoingHttpHeaders } from "node:http";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { echoOf, get, getByHttp2, getSecurely, keepAsking, webSocket } from "../../support/edge-client.ts";
import { EdgeSite, siteConfig } from "../../support/edge-site.ts";

let site: EdgeSite;
let pem: string;
let current: string;

/** What the edge is, by its own containers: what it speaks, whom it asks, and how one follows another. */
export function edge(clone: () => Clone): void {
  beforeAll(async () => {
    site = await EdgeSite.make(clone());
    pem = await site.certificate();
    current = await site.startEdge(pem);
  });
  afterAll(() => site?.remove());
  asked();
  followed();
}

function asked(): void {
  test("a request goes to the service of its host and path, and to none by half a name", {
    timeout: 60_000,
  }, async () => {
    const received = async (path: string, headers?: OutgoingHttpHeaders) =>
      JSON.parse((await get(site.http, path, headers)).body);
    expect(await received("/echo/deep")).toMatchObject({ url: "/echo/deep" });
    expect(await received("/anything", { host: "Shop.Example.org:8080" })).toMatchObject({ url: "/anything" });
    expect((await get(site.http, "/echoes")).status).toBe(404);
    expect((await get(site.http, "/anything", { host: "other.example.org" })).status).toBe(404);
  });

  test("the service learns who asked, how, and by which id", { timeout: 60_000 }, async () => {
    const { headers } = JSON.parse((await get(site.http, "/echo", { "x-request-id": "mine" })).body);
    expect(headers).toMatchObject({ "x-request-id": "mine", "x-forwarded-proto": "http" });
    expect(headers["x-forwarded-for"]).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(JSON.parse((await get(site.http, "/echo")).body).headers["x-request-id"]).toMatch(/\S{10,}/);
  });

  test("HTTP/2 is spoken, by TLS and in clear, and HTTP/1.1 by TLS", { timeout: 60_000 }, async () => {
    const byTls = await getByHttp2(`https://127.0.0.1:${site.https}`, "/", pem);
    expect(byTls.status).toBe(200);
    expect(JSON.parse(byTls.body).headers).toMatchObject({ "x-forwarded-proto": "https" });
    expect((await getByHttp2(`http://127.0.0.1:${site.http}`, "/", pem)).status).toBe(200);
    expect((await getSecurely(site.https, "/")).status).toBe(200);
  });

  test("what may have been received is sent again only when that is harmless", { timeout: 60_000 }, async () => {
    const dropped = async (): Promise<number> => Number((await get(site.http, "/drops/count")).body);
    const before = await dropped();
    expect((await get(site.http, "/drops", {}, "POST")).status).toBe(502);
    expect((await dropped()) - before).toBe(1);
    await get(site.http, "/drops");
    expect((await dropped()) - before).toBeGreaterThan(2);
  });

  test("while every task is late with its check, requests go to them all the same", { timeout: 60_000 }, async () => {
    const leftOut = async () => expect(await site.inside(current, "/stats;csv")).toMatch(/^late,task1,.*,DOWN,/m);
    await vi.waitFor(leftOut, { timeout: 30_000, interval: 200 });
    expect((await get(site.http, "/late/on")).status).toBe(200);
  });

  test("metrics and statistics are for the environment alone", { timeout: 60_000 }, async () => {
    expect(await site.inside(current, "/metrics")).toMatch(/^200 [\s\S]*haproxy_frontend_http_requests_total/);
    expect(await site.inside(current, "/stats")).toMatch(/^200/);
    for (const path of ["/metrics", "/stats", "/health"]) expect((await get(site.http, path)).status).toBe(404);
  });
}

function followed(): void {
  test("another edge with another certificate takes over, with no request lost and no WebSocket closed", {
    timeout: 60_000,
  }, async () => {
    const socket = await webSocket(site.http, "/echo");
    expect(await echoOf(socket, "before")).toBe("before");
    const first = (await getSecurely(site.https, "/")).certificate;
    const loads = [keepAsking(() => getSecurely(site.https, "/")), keepAsking(() => get(site.http, "/echo"))];
    const next = await site.startEdge(await site.certificate());
    await site.stopEdge(current);
    await vi.waitFor(
      async () => {
        for (let time = 0; time < 5; time++) expect((await getSecurely(site.https, "/")).certificate).not.toBe(first);
      },
      { timeout: 20_000 },
    );
    const answers = (await Promise.all(loads.map((load) => load.stop()))).flat();

    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(answers.flatMap(({ certificate }) => certificate ?? [])).size).toBe(2);
    expect(await echoOf(socket, "after")).toBe("after");
    expect(await site.runs(current)).toBe(true);
    socket.destroy();
    await vi.waitFor(async () => expect(await site.runs(current)).toBe(false), { timeout: 40_000, interval: 200 });
    current = next;
  });

  test("a configuration is read by HAProxy before it is used", { timeout: 60_000 }, async () => {
    const good = siteConfig("/run/secrets/edge.pem");
    expect(await site.check(`${good}\n${pem}`)).toMatchObject({ ok: true });
    const bad = await site.check(siteConfig().replace("timeout client 30s", "timeout client soon"));
    expect(bad.ok).toBe(false);
    expect(bad.says).toMatch(/haproxy\.cfg:\d+.*timeout client/);
    expect((await site.check(`${good}\n-----BEGIN CERTIFICATE-----\nno\n`)).ok).toBe(false);
  });
}
