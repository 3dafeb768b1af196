import { afterEach, expect, test } from "vitest";

import { ownScript } from "../../../infra/own-script.ts";
import { delivery } from "../../../stacks/delivery.ts";
import { mockPulumi, mocksDone, type Recorded, resolved } from "../../support/pulumi-mocks.ts";
import { anEngine } from "../swarm/an-engine.ts";

afterEach(mocksDone);

async function run(
  own: Record<string, string> = {},
  more: { preview?: boolean } = {},
): Promise<{ resources: Recorded[]; outputs: unknown }> {
  const resources = await mockPulumi({
    ...more,
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

const node = (name: string, role: string) => ({ Description: { Hostname: name }, Spec: { Role: role } });

/** The settings of a dashboard on a manager of a Swarm that answers. */
async function dashboardOn(name: string) {
  const info = { SystemTime: new Date().toISOString(), Swarm: { LocalNodeState: "active", ControlAvailable: true } };
  const nodes = [node("m1", "manager"), node("w1", "worker")];
  const { socket } = await anEngine({ version: { Version: "27.3.1", ApiVersion: "1.47" }, info, nodes, services: [] });
  const dashboard = { swarm: `unix://${socket}`, node: name, folder: "/srv/slipway", options: ["--behind-proxy"] };
  return { "slipway:dashboard": JSON.stringify(dashboard) };
}

test("without a word about it there is no service for the dashboard", async () => {
  const { resources } = await run();
  expect(resources.filter(({ type }) => type.startsWith("docker:index/service"))).toEqual([]);
});

test("the dashboard is a service on the manager that has the clone, with the node's own network", async () => {
  const { resources, outputs } = await run(await dashboardOn("m1"), { preview: true });
  const [service] = resources.filter(({ type }) => type === "docker:index/service:Service");
  expect(service?.inputs).toMatchObject({
    name: expect.stringMatching(/^slipway-\w{6}_dashboard$/),
    taskSpec: {
      networksAdvanceds: [{ id: "host" }],
      placement: { constraints: expect.arrayContaining(["node.hostname==m1", "node.role==manager"]) },
      containerSpec: { dir: "/srv/slipway", user: "0:0" },
    },
    updateConfig: { order: "stop-first" },
  });
  const task = service?.inputs.taskSpec as { containerSpec: Record<string, unknown> } | undefined;
  const { args, mounts } = task?.containerSpec ?? {};
  expect(args).toEqual(
    expect.arrayContaining(["dashboard", "--host", "127.0.0.1", "--port", "8800", "--behind-proxy"]),
  );
  expect(mounts).toMatchObject([
    { source: "/srv/slipway", target: "/srv/slipway" },
    { source: "/root" },
    { source: "/var/run/docker.sock" },
    { source: "/etc/passwd", readOnly: true },
  ]);
  expect(outputs).toMatchObject({ dashboard: "127.0.0.1:8800 of m1" });
});

test("a dashboard on a node that is no manager is refused, with the managers that there are", async () => {
  await expect(run(await dashboardOn("w1"), { preview: true })).rejects.toThrow(
    /node: w1 is no manager of .*; it has m1$/,
  );
});

test.each([
  [{ node: "m1", folder: "/srv" }, "slipway:dashboard.swarm"],
  [{ swarm: "local", node: "m1", folder: "/srv" }, "a manager: ssh://"],
  [{ swarm: "ssh://m1", node: "m1", folder: "srv" }, "the folder of a clone"],
  [{ swarm: "ssh://m1", node: "m1; reboot", folder: "/srv" }, "the name of a node"],
  [{ swarm: "ssh://m1", node: "m1", folder: "/srv", user: "ann" }, "a user's and a group's number"],
  [{ swarm: "ssh://m1", node: "m1", folder: "/srv", host: "example.org" }, "an address of the node"],
  [{ swarm: "ssh://m1", node: "m1", folder: "/srv", prot: 1 }, "prot"],
])("the dashboard's settings %j are refused", async (dashboard, reason) => {
  await expect(run({ "slipway:dashboard": JSON.stringify(dashboard) })).rejects.toThrow(reason);
});
