import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";

import { type StatusHost, statusHost } from "../../../../pipeline/commit-status/host.ts";
import { StatusSender } from "../../../../pipeline/commit-status/sender.ts";
import { commitStatus } from "../../../../pipeline/commit-status/state.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const taken: Answer = (_, response) => void response.writeHead(201).end();

/** A real host on this machine, all that it was sent, and a sender to it. */
async function sending(answer: Answer) {
  const received: { path: string; description: string }[] = [];
  const told: string[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { description } = JSON.parse(Buffer.concat(chunks).toString());
    received.push({ path: request.url ?? "", description });
    answer(request, response, ++count);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const own = { SLIPWAY_STATUS_URL: `http://127.0.0.1:${port}/secret/{sha}`, SLIPWAY_STATUS_TOKEN: "hidden" };
  const host = (await statusHost(own)) as StatusHost;
  const tell = (text: string) => void told.push(text);
  const sender = new StatusSender({ host, tell, patience: 1_000, pauses: [20, 40] });
  const quiet = () => expect([...told].join()).not.toMatch(/hidden|secret/);
  return { sender, received, told, quiet };
}

const status = (description: string) => commitStatus("success", description);

test("a status arrives, with the token", async () => {
  let token: string | undefined;
  const { sender, received } = await sending((request, response, count) => {
    token = request.headers.authorization;
    taken(request, response, count);
  });
  sender.send("a", status("one"));
  await sender.close();
  expect(received).toEqual([{ path: "/secret/a", description: "one" }]);
  expect(token).toBe("Bearer hidden");
});

test("what a host cannot take now is sent until it can, and both are told once", async () => {
  const { sender, received, told, quiet } = await sending((request, response, count) =>
    count <= 3 ? void response.writeHead(503).end() : taken(request, response, count),
  );
  sender.send("a", status("one"));
  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(received).toHaveLength(4);
  expect(told[0]).toMatch(/does not take statuses: it answered 503/);
  expect(told[1]).toMatch(/takes statuses again/);
  quiet();
  await sender.close();
});

test("the newest status of a commit wins over those that were not taken", async () => {
  let fail = (): void => {};
  const { sender, received } = await sending((request, response, count) => {
    if (count > 1) return taken(request, response, count);
    fail = () => void response.writeHead(500).end();
  });
  sender.send("a", status("old"));
  await vi.waitFor(() => expect(received).toHaveLength(1), { interval: 5 });
  sender.send("a", status("older"));
  sender.send("a", status("new"));
  fail();
  await sender.close();
  expect(received.map(({ description }) => description)).toEqual(["old", "new"]);
});

test("a status that comes while an older one of the same commit is on its way is sent after it", async () => {
  let take = (): void => {};
  const { sender, received } = await sending((request, response, count) => {
    if (count > 1) return taken(request, response, count);
    take = () => taken(request, response, count);
  });
  sender.send("a", status("old"));
  await vi.waitFor(() => expect(received).toHaveLength(1), { interval: 5 });
  sender.send("a", status("new"));
  take();
  await sender.close();
  expect(received.map(({ description }) => description)).toEqual(["old", "new"]);
});

test("what a host refuses is told with its answer and not sent again", async () => {
  const { sender, received, told, quiet } = await sending((_, response) => void response.writeHead(401).end("hidden"));
  sender.send("a", status("one"));
  sender.send("b", status("two"));
  await sender.close();
  expect(received).toHaveLength(2);
  expect(told).toEqual([expect.stringMatching(/refuses a status: it answered 401/)]);
  quiet();
});

test("a redirect is not followed with the token", async () => {
  const { sender, received, told } = await sending(
    (_, response) => void response.writeHead(302, { location: "/elsewhere" }).end(),
  );
  sender.send("a", status("one"));
  await sender.close();
  expect(received.map(({ path }) => path)).toEqual(["/secret/a"]);
  expect(told.join()).toContain("302");
});

test("a host that never answers holds nobody up, neither meanwhile nor in the end", async () => {
  const { sender, told, quiet } = await sending(() => {});
  const began = performance.now();
  for (let commit = 0; commit < 1_000; commit++) sender.send(`${commit}`, status("one"));
  expect(performance.now() - began).toBeLessThan(200);
  await sender.close(100);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(told.at(-1)).toMatch(/never took the status of 50 commits/);
  quiet();
});

test("a host that is away is told without its address", async () => {
  const host = (await statusHost({ SLIPWAY_STATUS_URL: "http://127.0.0.1:1/secret/{sha}" })) as StatusHost;
  const told: string[] = [];
  const sender = new StatusSender({ host, tell: (text) => void told.push(text), pauses: [20, 40] });
  sender.send("a", status("one"));
  await sender.close(50);
  expect(told[0]).toMatch(/127\.0\.0\.1:1 does not take statuses/);
  expect(told.join()).not.toContain("secret");
});
