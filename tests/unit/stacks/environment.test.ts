import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";

import type { EnvironmentName } from "../../../settings/environment.ts";
import { projectRoot } from "../../../settings/project.ts";
import { environment } from "../../../stacks/environment.ts";
import { mockPulumi, mocksDone, type Recorded, resolved } from "../../support/pulumi-mocks.ts";
import { anEngine } from "../swarm/an-engine.ts";

// What this clone's own environments run is nothing to these tests.
vi.mock(import("../../../swarm/services.ts"), async (original) => ({
  ...(await original()),
  readServices: () => Promise.resolve([]),
}));

const yaml = (file: string) => parse(readFileSync(join(projectRoot, file), "utf8"));

/** The configuration that Pulumi hands to a stack: the project's defaults under what the stack's file says. */
function configOf(stack: string): Record<string, string> {
  const declared = yaml("Pulumi.yaml").config as Record<string, { default: unknown }>;
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const defaults = Object.entries(declared).map(([key, entry]) => [`slipway:${key}`, text(entry.default)]);
  const own = Object.entries(yaml(`Pulumi.${stack}.yaml`).config as Record<string, unknown>);
  return Object.fromEntries([...defaults, ...own.map(([key, value]) => [key, text(value)])]);
}

const release = {
  application: "demo",
  commit: "c".repeat(40),
  version: "1.0.0",
  images: { app: `127.0.0.1:5000/demo/app@sha256:${"a".repeat(64)}` },
};
const delivery = {
  registry: { host: "127.0.0.1:5000", port: 5000, address: "registry:5000", network: "registry" },
  images: { swarmNode: "sha256:node", edge: "edge@sha256:e", postgres: "postgres@sha256:p" },
};

interface Run {
  resources: Recorded[];
  outputs: Record<string, unknown>;
}

async function run(stack: EnvironmentName, config = configOf(stack), own: object | null = release): Promise<Run> {
  const stacks = { delivery, [stack]: { release: own } };
  const resources = await mockPulumi({ stack, config, stacks, preview: true });
  const outputs = (await resolved(await environment(stack))) as Record<string, unknown>;
  await mocksDone();
  return { resources: resources.toSorted((one, other) => one.name.localeCompare(other.name)), outputs };
}

const readable = (key: string, value: unknown): unknown =>
  key === "data" && typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : value;

/** The resources as one text, with the environment's name and the hashes of contents that hold it left out. */
const anonymous = ({ resources }: Run, name: string): string =>
  JSON.stringify(resources, readable, 1)
    .replaceAll(name, "ENVIRONMENT")
    .replaceAll(/(?<=haproxy-)[0-9a-f]{12}/g, "HASH");

const inputsOf = ({ resources }: Run, name: string) => resources.find((one) => one.name === name)?.inputs;

afterEach(mocksDone);

describe("environments", () => {
  test("prodlike and production differ in nothing but what their configuration files list", async () => {
    const likeProduction = await run("prodlike", configOf("production"));
    const production = await run("production");
    expect(anonymous(likeProduction, "prodlike")).toEqual(anonymous(production, "production"));
  });

  test("staging is the same composition, too", async () => {
    const likeProduction = await run("staging", configOf("production"));
    const production = await run("production");
    expect(anonymous(likeProduction, "staging")).toEqual(anonymous(production, "production"));
  });

  test("production has three managers", async () => {
    const formed = inputsOf(await run("production"), "production-swarm-formed");
    const nodes = JSON.parse((formed?.environment as Record<string, string> | undefined)?.SLIPWAY_NODES ?? "[]");
    expect(nodes.map(({ role }: { role: string }) => role)).toEqual(["manager", "manager", "manager"]);
  });

  test.each(["prodlike", "production"] as const)("%s runs at least two tasks of the application", async (name) => {
    const app = inputsOf(await run(name), "app-service") as { mode: { replicated: { replicas: number } } };
    expect(app.mode.replicated.replicas).toBeGreaterThanOrEqual(2);
  });

  test("without a driver, the release stays the one that the stack has", async () => {
    const { outputs } = await run("production");
    expect(outputs.release).toEqual(release);
  });

  test("before the first delivery, everything but the application is there", async () => {
    const { resources, outputs } = await run("production", undefined, null);
    const names = resources.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["database-service", "edge-service"]));
    expect(names).not.toContain("app-service");
    expect(outputs.release).toBeNull();
  });

  test("every resource in a Swarm carries its component's name and belongs to its environment", async () => {
    const { resources } = await run("production");
    const services = resources.filter(({ type }) => type === "docker:index/service:Service");
    expect(services.map(({ inputs }) => inputs.name).toSorted()).toEqual([
      "production_app",
      "production_database",
      "production_door",
      "production_edge",
      "production_login",
      "production_migrate",
    ]);
  });

  test("no engine of a node listens on the network", async () => {
    const { resources } = await run("production");
    const containers = resources.filter(({ type }) => type === "docker:index/container:Container");
    expect(containers).toHaveLength(3);
    for (const { inputs } of containers)
      expect(inputs.ports).toMatchObject([
        { ip: "127.0.0.1", internal: 80 },
        { ip: "127.0.0.1", internal: 443 },
      ]);
  });
});

describe("an environment in a Swarm that is there already", () => {
  const node = (name: string, labels = {}) => ({
    ID: name,
    Description: { Hostname: name },
    Spec: { Availability: "active", Labels: labels },
    Status: { State: "ready", Addr: name === "n1" ? "10.0.0.1" : "fd00::2" },
  });
  const info = { SystemTime: new Date().toISOString(), Swarm: { LocalNodeState: "active", ControlAvailable: true } };
  const version = { Version: "27.3.1", ApiVersion: "1.47" };

  async function given(nodes: object[], more: Record<string, string> = {}) {
    const { socket } = await anEngine({ version, info, nodes });
    const cluster = `unix://${socket}`;
    return { cluster, config: { ...configOf("production"), "slipway:cluster": cluster, ...more } };
  }

  test("is the same composition without nodes of its own, reached at every node", async () => {
    const { cluster, config } = await given([node("n2"), node("n1", { "slipway.data": "true" })]);
    const { resources, outputs } = await run("production", config);
    expect(resources.filter(({ type }) => /:(?:Container|Volume)$/.test(type))).toEqual([]);
    expect(resources.filter(({ type }) => type === "docker:index/service:Service")).toHaveLength(6);
    expect(outputs).toMatchObject({ engine: cluster, nodes: [], addresses: ["http://10.0.0.1", "http://[fd00::2]"] });
    expect(JSON.stringify(inputsOf({ resources, outputs }, "database-service"))).toContain(
      "node.labels.slipway.data==true",
    );
  });

  test("is reached where the settings say, where they do", async () => {
    const addresses = '["https://shop.example.org"]';
    const { config } = await given([node("n1", { "slipway.data": "true" })], { "slipway:addresses": addresses });
    expect((await run("production", config)).outputs.addresses).toEqual(["https://shop.example.org"]);
  });

  test.each([
    [[node("n1"), node("n2")], /No node says that it keeps the data.*\(n1, n2\).*--label-add slipway\.data=true/],
    [[node("n1", { "slipway.data": "true" }), node("n2", { "slipway.data": "true" })], /2 nodes say/],
  ])("is refused unless exactly one node keeps data", async (nodes, reason) => {
    const { config } = await given(nodes);
    await expect(run("production", config)).rejects.toThrow(reason);
  });

  test("is refused in words when its manager does not answer", async () => {
    const config = { ...configOf("production"), "slipway:cluster": "unix:///nowhere/docker.sock" };
    await expect(run("production", config)).rejects.toThrow(
      "The manager of production, unix:///nowhere/docker.sock, cannot be used: its socket is not there",
    );
  });
});
