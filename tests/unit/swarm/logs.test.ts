import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { connect } from "../../../swarm/engine.ts";
import { writtenBetween } from "../../../swarm/logs.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** A frame of the engine's log stream. */
function frame(text: string): Buffer {
  const payload = Buffer.from(`${text}\n`);
  const header = Buffer.alloc(8);
  header[0] = 1;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function engineThatWrote(lines: string[]): Promise<string> {
  const socket = join(await temporaryFolder(), "docker.sock");
  const server = createServer((_, response) => response.end(Buffer.concat(lines.map(frame))));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return socket;
}

const details = (task: string): string =>
  `com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=${task}`;

test("what a service's tasks wrote between two moments is told in order, with who wrote it", async () => {
  const socket = await engineThatWrote([
    `2026-01-31T12:00:03.000000001Z ${details("later")} Server a is UP`,
    `2026-01-31T12:00:01.500000000Z ${details("first")} Server a is DOWN, reason: no answer`,
    `2026-01-31T12:00:00.999000000Z ${details("first")} too early`,
    `2026-01-31T12:00:04.001000000Z ${details("first")} too late`,
    "no line of that kind",
  ]);
  const [from, to] = [new Date("2026-01-31T12:00:01Z"), new Date("2026-01-31T12:00:04Z")];
  expect(await writtenBetween(connect(`unix://${socket}`), "prodlike_edge", from, to)).toEqual([
    { at: new Date("2026-01-31T12:00:01.500Z"), task: "first", text: "Server a is DOWN, reason: no answer" },
    { at: new Date("2026-01-31T12:00:03.000Z"), task: "later", text: "Server a is UP" },
  ]);
});

test("nothing is told where the engine does not answer", async () => {
  const engine = connect("unix:///nowhere/docker.sock");
  expect(await writtenBetween(engine, "prodlike_edge", new Date(0), new Date())).toEqual([]);
});
