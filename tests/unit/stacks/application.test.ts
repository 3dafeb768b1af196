import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { stringify } from "yaml";

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
  nodeAddresses: () => Promise.resolve(["1", "2", "3"].map((n) => ({ name: `n${n}`, address: `10.0.0.${n}` }))),
}));

vi.mock(import("../../../swarm/taken-ports.ts"), () => ({
  portsOfOthers: () => Promise.resolve(new Map([[9100, "news_door"]])),
}));

const digest = (digit: string): string => `@sha256:${digit.repeat(64)}`;
const release = {
  application: "orders",
  commit: "c".repeat(40),
  version: "1.0.0",
  images: { app: `127.0.0.1:5000/orders/app${digest("a")}`, queue: `127.0.0.1:5000/orders/queue${digest("b")}` },
};
const delivery = { registry: { host: "127.0.0.1:5000" }, images: { edge: "edge@sha256:e", door: "door@sha256:d" } };
const environment = {
  engine: "unix:///nowhere.sock",
  nodes: [{ name: "n", container: "c", engine: "e" }],
  dataNode: "node.hostname==n",
};

const fromStackFile = { stackFile: "compose.yaml", routes: [{ service: "web", port: 80 }] };
/** Programs of other repositories name it `slipway/infra`. */
const program = `
import { OverlayNetwork, Service } from ${JSON.stringify(join(projectRoot, "infra", "index.ts"))};
export const application = ({ target, release, nodes }: { target: never; release: { images: Record<string, string> }; nodes: string[] }) => {
  const network = new OverlayNetwork("front", target).id;
  return [new Service("web", target, { image: release.images.app as string, networks: [network], replicas: nodes.length })];
};
`;
const folders: string[] = [];

/** A folder with a delivery.yaml that says this. */
async function described(more: object): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "application-"));
  folders.push(root);
  const delivery = {
    name: "orders",
    unitTests: { run: ["true"] },
    images: { app: {} },
    suites: { functional: "a", readiness: "b" },
    ...more,
  };
  await writeFile(join(root, "delivery.yaml"), stringify(delivery));
  return root;
}

const handedTo = (root: string): string => JSON.stringify({ root, description: "delivery.yaml" });

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
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
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

  test("is not declared on a port that another application has", async () => {
    process.env[applicationVariable] = handedTo(await described({ ...fromStackFile, port: 9100 }));
    await expect(run("staging")).rejects.toThrow(/port 9100 .* is news_door's; give orders another one/);
  });
});

describe("an application by its own program", () => {
  test("is what its program says", async () => {
    const root = await described({ program: "program.ts", port: 8100 });
    await writeFile(join(root, "program.ts"), program);
    process.env[applicationVariable] = handedTo(root);
    const { resources, outputs } = await run("staging");
    expect(services(resources).map(({ name }) => name)).toEqual(["orders_web"]);
    expect(outputs).toMatchObject({
      services: { orders_web: 3 },
      release,
      addresses: ["http://10.0.0.1:8100", {}, {}],
    });
  });

  test.each([
    ["exports nothing", "export const other = 1;", /exports no function called application/],
    ["declares nothing", "export const application = () => [];", /declared nothing/],
    ["is broken", "export const application = ;", /program.ts cannot be loaded/],
  ])("is told when its program %s", async (_what, text, reason) => {
    const root = await described({ program: "program.ts" });
    await writeFile(join(root, "program.ts"), text);
    process.env[applicationVariable] = handedTo(root);
    await expect(run("staging")).rejects.toThrow(reason);
  });
});

describe("an application that cannot be declared", () => {
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
