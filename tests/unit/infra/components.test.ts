import * as docker from "@pulumi/docker";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ContentConfig, ContentSecret } from "../../../infra/content-named.ts";
import { Contents } from "../../../infra/contents.ts";
import { Database } from "../../../infra/database.ts";
import { Edge } from "../../../infra/edge.ts";
import { forceUpdateAfter, Service, type ServiceArgs } from "../../../infra/service.ts";
import type { SwarmTarget } from "../../../infra/swarm-target.ts";
import { connect } from "../../../swarm/engine.ts";
import { Rollouts } from "../../../swarm/rollouts.ts";
import type { ServiceState } from "../../../swarm/services.ts";
import { mockPulumi, mocksDone, type Recorded, resolved } from "../../support/pulumi-mocks.ts";

const image = `127.0.0.1:5000/demo/app@sha256:${"a".repeat(64)}`;
let recorded: Recorded[];
let target: SwarmTarget;

class ImmediateRollouts extends Rollouts {
  override converged(): Promise<void> {
    return Promise.resolve();
  }
}

const inputsOf = (type: string): Record<string, unknown>[] =>
  recorded.filter((one) => one.type === type).map(({ inputs }) => inputs);
const serviceInputs = () => inputsOf("docker:index/service:Service")[0] as Record<string, Record<string, unknown>>;

beforeEach(async () => {
  recorded = await mockPulumi({ stack: "production" });
  target = {
    environment: "production",
    engine: "unix:///nowhere.sock",
    provider: new docker.Provider("swarm", { host: "unix:///nowhere.sock" }),
    rollouts: new ImmediateRollouts(connect("unix:///nowhere.sock"), "production"),
    before: Promise.resolve([]),
    contents: new Contents(),
  };
});

afterEach(mocksDone);

const service = async (args: Partial<ServiceArgs> = {}) => {
  await resolved(new Service("app", target, { image, networks: ["front"], ...args }).ready);
  return serviceInputs();
};

describe("Service", () => {
  test("is called ENVIRONMENT_name and grouped for `docker stack`", async () => {
    const inputs = await service();
    expect(inputs.name).toBe("production_app");
    expect(inputs.labels).toContainEqual({ label: "com.docker.stack.namespace", value: "production" });
  });

  test("rolls back by itself, one task at a time, new before old", async () => {
    const inputs = await service();
    expect(inputs.updateConfig).toMatchObject({ parallelism: 1, failureAction: "rollback", order: "start-first" });
  });

  test("has limits, a restart policy and a stop grace", async () => {
    const { taskSpec } = await service();
    expect(taskSpec).toMatchObject({
      containerSpec: { stopGracePeriod: "10s" },
      resources: { limits: { memoryBytes: 128 * 1024 * 1024 } },
      restartPolicy: { condition: "any" },
    });
  });

  test("lets a caller override every default", async () => {
    const inputs = await service({ replicas: 7, memory: 64, order: "stop-first", stopGrace: 3, monitor: 9 });
    expect(inputs).toMatchObject({
      mode: { replicated: { replicas: 7 } },
      updateConfig: { order: "stop-first", monitor: "9s" },
      taskSpec: { containerSpec: { stopGracePeriod: "3s" }, resources: { limits: { memoryBytes: 64 * 1024 * 1024 } } },
    });
  });

  test.each([
    [9, "9s"],
    [60, "1m0s"],
    [305, "5m5s"],
    [3_725, "1h2m5s"],
  ])("says %d seconds as the engine does, so that nothing seems changed", async (stopGrace, text) => {
    const inputs = await service({ stopGrace });
    expect(inputs).toMatchObject({ taskSpec: { containerSpec: { stopGracePeriod: text } } });
  });

  test("stops the old task first where both would need the same port", async () => {
    const inputs = await service({ ports: [{ published: 80, target: 8080 }] });
    expect(inputs.updateConfig).toMatchObject({ order: "stop-first" });
  });

  test("refuses start-first together with ports, naming both", () => {
    const args: ServiceArgs = {
      image,
      networks: [],
      ports: [{ published: 80, target: 8080 }],
      order: "start-first",
    };
    expect(() => new Service("app", target, args)).toThrow(/`ports`.*start-first/);
  });

  test("that runs to its end is not rolled back, since Swarm takes every end for a failure", async () => {
    const inputs = await service({ completes: true });
    expect(inputs.updateConfig).toMatchObject({ failureAction: "continue" });
    expect(inputs.taskSpec).toMatchObject({ restartPolicy: { condition: "on-failure" } });
  });
});

const earlier = (over: Partial<ServiceState>): ServiceState => ({
  name: "production_app",
  image,
  forceUpdate: 4,
  replicas: { desired: 1, running: 1 },
  scale: 1,
  tasks: [],
  ...over,
});

const run = (state: string) => ({
  id: "task",
  node: "production-1",
  state,
  desired: "shutdown",
  image,
  current: true,
  addresses: [],
  created: new Date(0),
  since: new Date(0),
});

describe("forceUpdateAfter", () => {
  test.each<[string, ServiceState | undefined, number]>([
    ["a service that does not exist starts at none", undefined, 0],
    ["a service that runs well stays as it is", earlier({ update: "completed" }), 4],
    ["a service that Swarm rolled back is what it was, and stays so", earlier({ update: "rollback_completed" }), 4],
    ["a service whose rollback is paused is tried again", earlier({ update: "rollback_paused" }), 5],
    ["a service whose update is paused is tried again", earlier({ update: "paused" }), 5],
    ["a run that ended well stays as it is", earlier({ scale: "once", tasks: [run("complete")] }), 4],
    ["a run that failed is tried again", earlier({ scale: "once", tasks: [run("failed")] }), 5],
  ])("%s", (_fact, state, expected) => {
    expect(forceUpdateAfter(state)).toBe(expected);
  });
});

/** How Pulumi marks a secret on its way to the engine. */
const secretMark = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

describe("content-named resources", () => {
  test("a changed content is another name", async () => {
    const names = ["one", "two"].map((content) => resolved(new ContentConfig(content, target, { content }).name));
    const [one, two] = await Promise.all(names);
    expect(one).toMatch(/^production_one-[0-9a-f]{12}$/);
    expect(one?.split("-")[1]).not.toBe(two?.split("-")[1]);
  });

  test("the content before stays until there is another one, and one that is gone back to is what it was", async () => {
    const configs = () => inputsOf("docker:index/serviceConfig:ServiceConfig").map(({ name }) => name);
    const update = async (content: string, before?: unknown) => {
      recorded.length = 0;
      target.contents = new Contents(before as ConstructorParameters<typeof Contents>[0]);
      await resolved(new ContentConfig("edge", target, { content }).name);
      return { names: configs(), outputs: await resolved(target.contents.outputs) };
    };
    const first = await update("one");
    const second = await update("two", first.outputs);
    const again = await update("two", second.outputs);
    const third = await update("three", second.outputs);
    const back = await update("one", second.outputs);
    const [one] = first.names;
    const [two] = second.names;
    expect(second.names).toEqual([two, one]);
    expect(again.names).toEqual([two, one]);
    expect(third.names).toEqual([third.names[0], two]);
    expect(back.names).toEqual([one, two]);
  });

  test("a secret's content reaches the provider as a secret", async () => {
    await resolved(new ContentSecret("password", target, { content: "hidden" }).name);
    const [secret] = inputsOf("docker:index/secret:Secret");
    const marked = { [secretMark]: secretSignature, value: Buffer.from("hidden").toString("base64") };
    expect(secret?.data).toEqual(marked);
  });
});

describe("Database", () => {
  test("keeps its data on one node, in a volume that releases do not touch", async () => {
    const args = { image, network: "data", node: "node.hostname==production-1", database: "demo" };
    await resolved(new Database("database", target, args).service.ready);
    expect(serviceInputs()).toMatchObject({
      updateConfig: { order: "stop-first" },
      taskSpec: {
        placement: { constraints: ["node.platform.os==linux", "node.hostname==production-1"] },
        containerSpec: { mounts: [{ type: "volume", source: "production_database" }] },
      },
    });
  });
});

describe("Edge", () => {
  test("runs on every node behind a door on the node's own network, so that a new one starts before the old one stops", async () => {
    const route = { service: "production_app", port: 3000, path: "/", health: "/health", tasks: 4 };
    const images = { edge: image, door: image };
    const edge = new Edge("edge", target, { images, networks: ["front"], routes: [route] });
    await resolved(edge.service.ready);
    await resolved(edge.door.ready);
    const [door, proxy] = ["production_door", "production_edge"].map((name) =>
      inputsOf("docker:index/service:Service").find((inputs) => inputs.name === name),
    );
    const volume = { type: "volume", source: "production_door", target: "/run/door" };
    expect(door).toMatchObject({
      mode: { global: true },
      taskSpec: { networksAdvanceds: [{ id: "host" }], containerSpec: { env: { PORTS: "80" }, mounts: [volume] } },
    });
    expect(proxy).toMatchObject({
      mode: { global: true },
      updateConfig: { order: "start-first" },
      taskSpec: {
        networksAdvanceds: [{ id: "front" }],
        containerSpec: { env: { SOCKETS: "3=tcp:80" }, mounts: [volume] },
      },
    });
    expect(proxy).not.toHaveProperty("endpointSpec.ports");
  });
});
