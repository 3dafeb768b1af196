import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { type EngineEvent, followEngine } from "../../../swarm/events.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** An engine that has nothing but events, which the test says. */
async function engine(): Promise<{ address: string; followers: ServerResponse[]; asked: URL[] }> {
  const socket = join(await temporaryFolder(), "docker.sock");
  const followers: ServerResponse[] = [];
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? "", "http://engine"));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    followers.push(response);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `unix://${socket}`, followers, asked };
}

test("events are told by what they are about, however they are cut, and again after the engine was away", async () => {
  const { address, followers, asked } = await engine();
  const told: EngineEvent[] = [];
  const stop = new AbortController();
  const following = followEngine(address, (type) => told.push(type), stop.signal);
  await expect.poll(() => followers.length, { timeout: 10_000 }).toBe(1);
  expect(JSON.parse(asked[0]?.searchParams.get("filters") ?? "{}").type).toContain("container");
  followers[0]?.write('{"Type":"contai');
  followers[0]?.write('ner"}\n{"Type":"service"}\n{"Type":"image"}\nno JSON\n');
  await expect.poll(() => told, { timeout: 10_000 }).toEqual(["node", "container", "service"]);
  followers[0]?.destroy();
  await expect.poll(() => followers.length, { timeout: 10_000 }).toBe(2);
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(4);
  stop.abort();
  await following;
}, 40_000);

test("an engine that is not there is asked again until it is enough", async () => {
  const stop = new AbortController();
  const following = followEngine("unix:///nowhere/docker.sock", () => {}, stop.signal);
  stop.abort();
  await following;
});
