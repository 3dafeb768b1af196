import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { Contents } from "../../../infra/contents.ts";
import { StackFile, type StackFileArgs } from "../../../infra/stack-file.ts";
import type { SwarmTarget } from "../../../infra/swarm-target.ts";
import { connect } from "../../../swarm/engine.ts";
import { Rollouts } from "../../../swarm/rollouts.ts";
import type { RolloutTarget } from "../../../swarm/verdict.ts";
import { mockPulumi, mocksDone, type Recorded, resolved } from "../../support/pulumi-mocks.ts";
import { type Files, web, written } from "./stack-file/written.ts";

const image = `shop/web@sha256:${"a".repeat(64)}`;
const nowhere = "unix:///nowhere.sock";
let recorded: Recorded[];
let target: SwarmTarget;
let awaited: RolloutTarget[];

class NotingRollouts extends Rollouts {
  override converged(wanted: RolloutTarget): Promise<void> {
    awaited.push(wanted);
    return Promise.resolve();
  }
}

beforeEach(async () => {
  recorded = await mockPulumi({ stack: "production" });
  awaited = [];
  target = {
    environment: "production",
    engine: nowhere,
    provider: new docker.Provider("swarm", { host: nowhere }),
    rollouts: new NotingRollouts(connect(nowhere), "production"),
    before: Promise.resolve([]),
    contents: new Contents(),
  };
});

afterEach(mocksDone);

async function declared(files: Files, args: Partial<StackFileArgs> = {}): Promise<StackFile> {
  const file = join(await written(files), "a.yaml");
  const made = new StackFile("shop", target, { file, variables: {}, ...args });
  await resolved(pulumi.all(Object.values(made.ready)));
  return made;
}

const inputsOf = (type: string) =>
  recorded.filter((one) => one.type === `docker:index/${type}`).map(({ inputs }) => inputs);
const spec = () => inputsOf("service:Service")[0] as Record<string, Record<string, Record<string, unknown>>>;

describe("StackFile", () => {
  test("names and groups services as docker stack deploy does", async () => {
    await declared({ "a.yaml": web(`image: ${image}`) });
    expect(spec().name).toBe("production_web");
    expect(spec().labels).toEqual([
      { label: "com.docker.stack.image", value: image },
      { label: "com.docker.stack.namespace", value: "production" },
    ]);
    expect(inputsOf("network:Network")[0]).toMatchObject({ name: "production_default", driver: "overlay" });
  });

  test("makes only the networks that are used", async () => {
    await declared({ "a.yaml": `${web(`image: ${image}`, "networks: [a]")}\nnetworks: {a: , b: }` });
    expect(inputsOf("network:Network").map(({ name }) => name)).toEqual(["production_a"]);
  });

  test("writes out what the docker plugin would take for nothing, or for as before", async () => {
    await declared({ "a.yaml": web(`image: ${image}`) });
    expect(spec().taskSpec).toMatchObject({
      containerSpec: { stopGracePeriod: "10s", healthcheck: { interval: "0s" } },
      restartPolicy: { condition: "any", delay: "5s", maxAttempts: 0, window: "0s" },
      resources: { limits: { memoryBytes: 0, nanoCpus: 0 } },
      placement: { maxReplicas: 0 },
    });
    expect(spec().endpointSpec).toEqual({ mode: "vip" });
  });
});

describe("StackFile's configs and secrets", () => {
  test("are named by content, in names of their own, too", async () => {
    const text = `${web(`image: ${image}`, "configs: [a, b]", "secrets: [a]")}\nconfigs: {a: {file: one, labels: {x: 1}}, b: {file: one, name: fixed}}\nsecrets: {a: {file: one}}`;
    await declared({ "a.yaml": text, one: "1" });
    const names = [...inputsOf("serviceConfig:ServiceConfig"), ...inputsOf("secret:Secret")].map(({ name }) =>
      String(name),
    );
    expect(names.map((name) => name.replace(/-[0-9a-f]{12}$/, "-HASH")).sort()).toEqual([
      "fixed-HASH",
      "production_a-HASH",
      "production_a-HASH",
    ]);
    expect(inputsOf("serviceConfig:ServiceConfig")[0]?.labels).toEqual([
      { label: "x", value: "1" },
      { label: "com.docker.stack.namespace", value: "production" },
    ]);
  });

  test("have other names when their labels change, since Swarm would have two of one name", async () => {
    for (const label of ["1", "2"]) {
      await declared({
        "a.yaml": `${web(`image: ${image}`, "configs: [a]")}\nconfigs: {a: {file: one, labels: {x: ${label}}}}`,
        one: "1",
      });
    }
    expect(new Set(inputsOf("serviceConfig:ServiceConfig").map(({ name }) => name)).size).toBe(2);
  });
});

describe("StackFile's services", () => {
  test("are there once all their tasks run", async () => {
    const made = await declared({
      "a.yaml": web(`image: ${image}`, "deploy: {replicas: 3, update_config: {monitor: 7s}}"),
    });
    expect(awaited).toEqual([{ service: "production_web", image, scale: 3, stableFor: 7_000 }]);
    expect(made.runs).toEqual({ production_web: 3 });
  });

  test("are marked whose tasks run for ever though Swarm is not to start them again, unless they complete", async () => {
    const files = { "a.yaml": web(`image: ${image}`, "deploy: {restart_policy: {condition: on-failure}}") };
    await declared(files);
    expect(spec().labels).toContainEqual({ label: "slipway.lasting", value: "true" });
    await declared(files, { completes: ["web"] });
    expect(inputsOf("service:Service")[1]?.labels).not.toContainEqual({ label: "slipway.lasting", value: "true" });
    expect(awaited.map(({ scale }) => scale)).toEqual([1, "once"]);
  });

  test("say of which commit they are where their image was built from it", async () => {
    const label = { label: "slipway.commit", value: "c0ffee" };
    const other = `other@sha256:${"b".repeat(64)}`;
    const files = { "a.yaml": `services: {web: {image: shop/web}, db: {image: ${other}}}` };
    const made = await declared(files, { images: { "shop/web": image }, commit: "c0ffee" });
    const labelsOf = (name: string) => inputsOf("service:Service").find((one) => one.name === name)?.labels;
    expect(labelsOf("production_web")).toContainEqual(label);
    expect(labelsOf("production_db")).not.toContainEqual(label);
    expect(Object.keys(made.networks)).toEqual(["web", "db"]);
  });

  test("join the network of the node itself under its name", async () => {
    await declared({
      "a.yaml": `${web(`image: ${image}`, "networks: [node]")}\nnetworks: {node: {external: true, name: host}}`,
    });
    expect(spec().taskSpec?.networksAdvanceds).toEqual([{ id: "host" }]);
  });

  test("are refused without the stack of a program's error", async () => {
    const error = await declared({ "a.yaml": web("tty: 1") }).catch((reason) => reason);
    expect(error).toBeInstanceOf(pulumi.RunError);
    expect(error.stack).toBe(error.message);
    expect(inputsOf("service:Service")).toEqual([]);
  });
});
