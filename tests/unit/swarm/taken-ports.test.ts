import type Docker from "dockerode";
import { expect, test } from "vitest";

import { portsOfOthers } from "../../../swarm/taken-ports.ts";

const service = (namespace: string, name: string, more: object) => ({
  Spec: { Name: `${namespace}_${name}`, Labels: { "com.docker.stack.namespace": namespace }, ...more },
});
const door = (ports: string) => ({ TaskTemplate: { ContainerSpec: { Env: ["A=1", `PORTS=${ports}`] } } });

test("doors and published ports of others are taken", async () => {
  const services = [
    service("shop", "door", door("8100")),
    service("news", "door", door("8200 8201")),
    service("news", "web", door("8300")),
    service("wiki", "web", { EndpointSpec: { Ports: [{ PublishedPort: 8400 }, {}] } }),
  ];
  const engine = { listServices: () => Promise.resolve(services) } as unknown as Docker;
  expect([...(await portsOfOthers(engine, "shop"))]).toEqual([
    [8200, "news_door"],
    [8201, "news_door"],
    [8400, "wiki_web"],
  ]);
});
