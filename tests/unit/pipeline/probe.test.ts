import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";

import { answeredNow, startProbe } from "../../../pipeline/probe/index.ts";
import { LoadGenerator, type LoadResult, probeHeader } from "../../../pipeline/probe/load.ts";
import { seriesOf } from "../../../pipeline/probe/series.ts";
import type { ProbeRequest } from "../../../settings/delivery.ts";

const hello: ProbeRequest = { method: "GET", path: "/hello", status: 200, contains: "Hello", weight: 1 };
const servers: Server[] = [];

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

async function sent(count: number, addresses: string[], requests = [hello]): Promise<LoadResult> {
  const generator = new LoadGenerator({ requests, addresses, rate: 500 });
  generator.start();
  await vi.waitUntil(() => generator.result().sent >= count, { timeout: 5_000, interval: 5 });
  return generator.stop();
}

describe("a load", () => {
  test("counts every request and has a latency for each", async () => {
    let served = 0;
    const address = await serve((_, response) => response.end(`Hello ${served++}`));
    const result = await sent(20, [address]);
    expect(result).toMatchObject({ sent: served, failed: 0, failures: [] });
    expect(result.latency.p50).toBeGreaterThan(0);
    expect(result.latency.max).toBeGreaterThanOrEqual(result.latency.p99);
  });

  test("takes the addresses in turns, and keeps most of its connections", async () => {
    const closing: (string | undefined)[] = [];
    const note = (request: IncomingMessage, response: ServerResponse) => {
      closing.push(request.headers.connection);
      response.end("Hello");
    };
    const addresses = [await serve(note), await serve(note)];
    const result = await sent(20, addresses);
    expect(result.failed).toBe(0);
    expect(closing.filter((connection) => connection === "close").length).toBe(Math.ceil(closing.length / 10));
  });

  test.each([
    ["an error", (response: ServerResponse) => response.writeHead(500).end("no"), "answered 500: no"],
    ["a wrong answer", (response: ServerResponse) => response.end("Bye"), 'answered without "Hello": Bye'],
    ["no answer", (response: ServerResponse) => response.destroy(), "other side closed"],
  ])("tells %s with its cause and who served it", async (_, answer, cause) => {
    const address = await serve((_request, response) => {
      response.setHeader(probeHeader, "10.0.0.9");
      answer(response);
    });
    const { failed, sent: all, failures, failing } = await sent(4, [address]);
    expect(failed).toBe(all);
    expect(failures[0]).toMatchObject({ request: "GET /hello", address, cause: expect.stringContaining(cause) });
    expect(failing?.from).toBe(failures[0]?.at);
    if (cause.startsWith("answered")) expect(failures[0]?.servedBy).toBe("10.0.0.9");
  });

  test("tells a port on which nobody listens", async () => {
    const { failures } = await sent(2, ["http://127.0.0.1:9"]);
    expect(failures[0]?.cause).toContain("ECONNREFUSED");
  });

  test("sends as often as weights say", async () => {
    const seen: Record<string, number> = {};
    const address = await serve(({ url = "" }, response) => {
      seen[url] = (seen[url] ?? 0) + 1;
      response.end("Hello");
    });
    await sent(
      40,
      [address],
      [
        { ...hello, weight: 3 },
        { ...hello, path: "/rare" },
      ],
    );
    const share = (seen["/rare"] ?? 0) / ((seen["/hello"] ?? 0) + (seen["/rare"] ?? 0));
    expect(share).toBeCloseTo(0.25, 1);
  });
});

test("a probe sends from a thread of its own until it is stopped", async () => {
  let served = 0;
  const address = await serve((_, response) => response.end(`Hello ${served++}`));
  const probe = startProbe({ requests: [hello], addresses: [address], rate: 200 });
  await vi.waitUntil(() => served >= 10, { timeout: 5_000, interval: 5 });
  expect(await probe.stop()).toMatchObject({ sent: served, failed: 0 });
});

test("only what is answered now as it should be can be probed", async () => {
  const address = await serve(({ url }, response) => response.writeHead(url === "/hello" ? 200 : 404).end("Hello"));
  const coming = { ...hello, path: "/coming" };
  expect(await answeredNow([hello, coming], [address])).toEqual([hello]);
});

describe("a load over time", () => {
  test("is told by the second, with what failed when", async () => {
    const address = await serve((_, response) => response.end("Hello"));
    const before = Date.now();
    const { series, sent: all } = await sent(40, [address]);
    expect(series.from).toBeGreaterThanOrEqual(before);
    expect(series.sent.reduce((sum, one) => sum + one)).toBe(all);
    const latencies = Float64Array.from({ length: 300 }, (_, n) => (n < 100 ? 1 : n < 200 ? 5 : 9));
    const wrong = Uint8Array.from({ length: 300 }, (_, n) => (n === 150 || n === 151 ? 1 : 0));
    expect(seriesOf(latencies, wrong, 100, 7)).toEqual({
      from: 7,
      every: 1_000,
      sent: [100, 100, 100],
      failed: [0, 2, 0],
      p50: [1, 5, 9],
      p99: [1, 5, 9],
    });
  });

  test("is kept in sixty parts at most, and one without a request is none", () => {
    const long = seriesOf(new Float64Array(10_000), new Uint8Array(10_000), 10, 0);
    expect(long.sent).toHaveLength(60);
    expect(long.sent.reduce((sum, one) => sum + one)).toBe(10_000);
    expect(JSON.stringify(long).length).toBeLessThan(2_000);
    expect(seriesOf(new Float64Array(0), new Uint8Array(0), 10, 0)).toMatchObject({ sent: [0], p99: [0] });
  });
});
