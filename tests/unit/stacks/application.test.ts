import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { applicationVariable } from "../../../settings/handed-application.ts";
import { projectRoot } from "../../../settings/project.ts";
import { application } from "../../../stacks/application.ts";
import { mockPulumi, mocksDone, type Recorded, resolved } from "../../support/pulumi-mocks.ts";

// There is no Swarm here to ask.
vi.mock(import("../../../swarm/services.ts"), async (original) => ({
  ...(await original()),
  readServices: () => Promise.resolve([]),
}));
vi.mock(import("../../../swarm/node-addresses.ts"), () => ({
  nodeAddresses: () => Promise.resolve(["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
}));

const digest = (digit: string): string => `@sha256:${digit.repeat(64)}`;
const release = {
  application: "orders",
  commit: "c".repeat(40),
  version: "1.0.0",
  images: { app: `127.0.0.1:5000/orders/app${digest("a")}`, queue: `127.0.0.1:5000/orders/queue${digest("b")}` },
};
const delivery = { registry: {}, images: { edge: "edge@sha256:e", door: "door@sha256:d" } };
const environment = { engine: "unix:///nowhere.sock", nodes: [{ name: "n", container: "c", engine: "e" }] };

const cwd = process.cwd();
beforeEach(() => {
  process.env[applicationVariable] = JSON.stringify({
    root: projectRoot,
    description: "examples/orders/delivery.yaml",
  });
});
afterEach(async () => {
  delete process.env[applicationVariable];
  process.chdir(cwd);
  await mocksDone();
});

async function run(of: "staging" | "production", own: object | null = release) {
  const stack = `orders.${of}`;
  const stacks = { delivery, [of]: environment, [stack]: { release: own } };
  const config = { "slipway:linger": "300", "slipway:replicas": "1" };
  const resources = await mockPulumi({ stack, config, stacks, preview: true });
  const outputs = (await resolved(await application(stack, { name: "orders", environment: of }))) as Record<
    string,
    unknown
  >;
  return { resources, outputs };
}

const services = (resources: Recorded[]) =>
  resources
    .filter(({ type }) => type === "docker:index/service:Service")
    .map(({ inputs }) => inputs as unknown as Service);
interface Service {
  name: string;
  labels: { label: string; value: string }[];
  mode: { replicated?: { replicas: number } };
  taskSpec: { containerSpec: { image: string; env?: Record<string, string> }; networksAdvanceds: { id: string }[] };
}
const named = (resources: Recorded[], name: string) => services(resources).find((one) => one.name === name) as Service;

describe("an application of its own", () => {
  test("is what its stack file says, in a namespace of its own, with an edge of its own", async () => {
    const { resources, outputs } = await run("staging");
    const names = services(resources).map(({ name }) => name);
    expect(names.toSorted()).toEqual(["orders_door", "orders_edge", "orders_queue", "orders_web", "orders_worker"]);
    expect(outputs.services).toMatchObject({ orders_web: 2, orders_worker: 2, orders_edge: "global" });
  });

  test("runs its release's images by digest, and says which commit they are of", async () => {
    const { resources } = await run("staging");
    const web = named(resources, "orders_web");
    expect(web.taskSpec.containerSpec.image).toBe(release.images.app);
    expect(web.labels).toContainEqual({ label: "slipway.commit", value: release.commit });
    expect(web.taskSpec.containerSpec.env).toMatchObject({ RELEASE_COMMIT: release.commit });
  });

  test("is reached on its port of every node, by the network of what it routes to", async () => {
    const { resources, outputs } = await run("staging");
    expect(outputs.addresses).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((host) => `http://${host}:8100`));
    const networks = named(resources, "orders_edge").taskSpec.networksAdvanceds.map(({ id }) => id);
    expect(networks).toEqual(named(resources, "orders_web").taskSpec.networksAdvanceds.map(({ id }) => id));
    expect(JSON.stringify(named(resources, "orders_door"))).toContain("8100");
  });

  test("has what an environment's own file says over it", async () => {
    const { resources } = await run("production");
    expect(named(resources, "orders_web").mode.replicated?.replicas).toBe(3);
  });

  test("is nothing before a release of it was delivered", async () => {
    await expect(run("staging", null)).rejects.toThrow(/Nothing of orders was delivered to staging yet/);
  });

  test("has to be told where its files are", async () => {
    delete process.env[applicationVariable];
    await expect(run("staging")).rejects.toThrow(/promote -- env --source/);
  });

  test("is not declared from another application's files", async () => {
    process.env[applicationVariable] = JSON.stringify({
      root: projectRoot,
      description: join("demo", "delivery.yaml"),
    });
    await expect(run("staging")).rejects.toThrow(/describes demo, and this stack is of orders/);
  });
});
