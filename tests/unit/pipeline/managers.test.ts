import { expect, test } from "vitest";

import { askManagers, managerOf } from "../../../pipeline/managers.ts";
import { anEngine } from "../swarm/an-engine.ts";

const version = { Version: "27.3.1" };

test("embedded nodes are asked each, and one that is down is told", async () => {
  const { socket } = await anEngine({ _ping: {}, version });
  const engine = `unix://${socket}`;
  const nodes = [
    { name: "n1", container: "c1", engine },
    { name: "n2", container: "c2", engine: "unix:///nowhere/docker.sock" },
  ];
  const { answer, down } = await askManagers({ engine, nodes }, (manager) => manager.version());
  expect(answer).toMatchObject(version);
  expect(down).toEqual(["node n2 does not answer"]);
});

test("of hosts the manager says which are down, and none of the others is asked", async () => {
  const node = (name: string, State: string) => ({ ID: name, Description: { Hostname: name }, Status: { State } });
  const { socket, asked } = await anEngine({ version, nodes: [node("h1", "ready"), node("h2", "down")] });
  const engine = `unix://${socket}`;
  const nodes = [
    { name: "h1", engine },
    { name: "h2", engine: "ssh://nobody.invalid" },
  ];
  const { down } = await askManagers({ engine, nodes }, (manager) => manager.version());
  expect(down).toEqual(["node h2 is down"]);
  expect(asked).toEqual(["version", "nodes"]);
});

test("another manager is asked where the first does not answer", async () => {
  const { socket } = await anEngine({ version, nodes: [] });
  const nodes = [{ name: "h2", engine: `unix://${socket}` }];
  const { answer } = await askManagers({ engine: "unix:///nowhere/docker.sock", nodes }, (one) => one.version());
  expect(answer).toMatchObject(version);
});

test("whose an environment is, another manager tells where the one that was asked last is down", async () => {
  const { socket } = await anEngine({ _ping: {}, nodes: [] });
  const worker = await anEngine({ _ping: {}, nodes: 503 });
  const gone = "unix:///nowhere/docker.sock";
  const nodes = [gone, `unix://${worker.socket}`, `unix://${socket}`].map((engine, index) => ({
    name: `h${index}`,
    engine,
  }));
  expect(await managerOf({ engine: gone, nodes })).toBe(`unix://${socket}`);
  expect(await managerOf({ engine: gone, nodes: nodes.slice(0, 2) })).toBeUndefined();
});
