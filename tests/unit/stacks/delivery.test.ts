import { afterEach, expect, test } from "vitest";

import { ownScript } from "../../../infra/own-script.ts";
import { delivery } from "../../../stacks/delivery.ts";
import { mockPulumi, mocksDone, type Recorded, resolved } from "../../support/pulumi-mocks.ts";

afterEach(mocksDone);

async function run(own: Record<string, string> = {}): Promise<{ resources: Recorded[]; outputs: unknown }> {
  const resources = await mockPulumi({
    stack: "delivery",
    config: { "slipway:registryPort": "5001", "slipway:keepReleases": "50", "slipway:keepDays": "30", ...own },
  });
  const outputs = await resolved(await delivery("delivery"));
  await mocksDone();
  return { resources, outputs };
}

test("the registry is published on this machine's loopback only, with a volume of its own", async () => {
  const { resources } = await run();
  const [container] = resources.filter(({ type }) => type === "docker:index/container:Container");
  expect(container?.inputs).toMatchObject({
    ports: [{ ip: "127.0.0.1", internal: 5000, external: 5001 }],
    volumes: [{ containerPath: "/var/lib/registry" }],
    restart: "unless-stopped",
  });
});

test("every image of the default is built, and those that nodes pull are pushed", async () => {
  const { resources } = await run();
  const builds = resources.filter(({ type }) => type === "command:local:Command").map(({ inputs }) => inputs);
  const pushed = builds.filter(({ create }) => create === "127.0.0.1:5001").map(({ interpreter }) => interpreter);
  expect(pushed).toEqual([
    [...ownScript, "images/build.ts", "edge", "--push"],
    [...ownScript, "images/build.ts", "door", "--push"],
    [...ownScript, "images/build.ts", "postgres", "--push"],
  ]);
  const local = builds.map(({ create }) => create).filter((create) => create !== "127.0.0.1:5001");
  expect(local.toSorted()).toEqual(["node", "registry", "swarm-node"]);
});

test("what was made is marked as this clone's", async () => {
  const { resources } = await run();
  const made = resources.filter(({ type }) => /container:Container|volume:Volume|network:Network/.test(type));
  for (const { inputs } of made) expect(inputs.labels).toMatchObject([{ label: "slipway.instance" }]);
});

test("environments are told where the registry is and which images to use", async () => {
  const { outputs } = await run();
  expect(outputs).toMatchObject({
    registry: { port: 5001, host: "127.0.0.1:5001", address: expect.stringMatching(/-registry:5000$/) },
    images: { swarmNode: "stdout", nodeRuntime: "stdout", edge: "stdout", postgres: "stdout" },
  });
});

test("with a registry of one's own there is none here, and images are pushed there", async () => {
  const { resources, outputs } = await run({ "slipway:registry": "registry.example.org/team" });
  expect(resources.filter(({ type }) => type.startsWith("docker:"))).toEqual([]);
  const pushed = resources.filter(({ inputs }) => inputs.create === "registry.example.org/team");
  expect(pushed).toHaveLength(3);
  expect(outputs).toMatchObject({ registry: { host: "registry.example.org/team" } });
});
