import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { type PlanOptions, planStack } from "../../../../infra/stack-file/plan.ts";
import { type Files, web, written } from "./written.ts";

const image = `shop/web@sha256:${"a".repeat(64)}`;
const plan = async (files: Files, options: Partial<PlanOptions> = {}) =>
  planStack([join(await written(files), "a.yaml")], { variables: {}, images: {}, completes: [], ...options });

const ofOneKey: [lines: string[], problem: string][] = [
  [["tty: true"], "4 services.web.tty: no version of the docker plugin"],
  [["stdin_open: true"], "4 services.web.stdin_open: no version"],
  [["oom_score_adj: 5"], "4 services.web.oom_score_adj: no version"],
  [["ulimits: {nofile: 5}"], "4 services.web.ulimits: no version"],
  [["credential_spec: {file: a.json}"], "4 services.web.credential_spec: no version"],
  [
    ["environment: [LANG]"],
    "4 services.web.environment: no version of the docker plugin up to 5.2.0 can say it to Swarm that a variable",
  ],
  [["healthcheck: {start_interval: 1s}"], "4 services.web.healthcheck.start_interval: no version"],
  [["deploy:", "  mode: replicated-job"], "5 services.web.deploy.mode: no version"],
  [["deploy:", "  resources: {limits: {pids: 5}}"], "5 services.web.deploy.resources.limits.pids: no version"],
  [
    ["deploy:", "  placement: {preferences: [{spread: a}, {spread: b}]}"],
    "5 services.web.deploy.placement.preferences: no version",
  ],
  [
    ["deploy:", "  update_config: {max_failure_ratio: 0.25}"],
    "5 services.web.deploy.update_config.max_failure_ratio: the docker plugin keeps one decimal",
  ],
  [["volumes: [{type: npipe, source: a, target: b}]"], "4 services.web.volumes.0.type: no version"],
  [
    ["volumes: [{type: volume, target: b, volume: {subpath: x}}]"],
    "4 services.web.volumes.0.volume.subpath: no version",
  ],
  [["volumes: ['data:/data']"], "4 services.web.volumes.0: there is no volume data"],
  [
    ["volumes: [{type: tmpfs, target: /a, bind: {propagation: shared}}]"],
    "4 services.web.volumes.0.bind: a mount of the type tmpfs has no such options",
  ],
  [["volumes: [{type: bind, target: /a}]"], "4 services.web.volumes.0: a mount of the type bind needs a source"],
  [["networks: [front]"], "4 services.web.networks: there is no network front"],
  [["configs: [site]"], "4 services.web.configs.0: there is no site"],
  [["secrets: [{source: key}]"], "4 services.web.secrets.0: there is no key"],
  [
    ["deploy: {mode: global, replicas: 2}"],
    "4 services.web.deploy.replicas: the mode global runs one task on every node",
  ],
  [["restart: sometimes"], '4 services.web.restart: found "sometimes"'],
  [["healthcheck: {disable: true, test: a}"], "4 services.web.healthcheck: `test` and `disable` exclude each other"],
];

const ofTheWhole: [what: string, files: Files, options: object, message: string][] = [
  ["no image", { "a.yaml": web("user: a") }, {}, "services.web: it has no `image`"],
  ["an image by tag", { "a.yaml": web("image: a:1") }, {}, "services.web.image: a:1 is not named by digest"],
  [
    "an image of nobody",
    { "a.yaml": web(`image: ${image}`) },
    { images: { b: image } },
    "`images` has b, which is the image of no service",
  ],
  [
    "a service of nobody",
    { "a.yaml": web(`image: ${image}`) },
    { completes: ["b"] },
    "`completes` has b, which is no service",
  ],
  [
    "one that is started again",
    { "a.yaml": web(`image: ${image}`) },
    { completes: ["web"] },
    "its restart condition is any",
  ],
  ["a missing config file", { "a.yaml": "configs: {a: {file: none}}" }, {}, "there is no such file"],
  ["an empty secret", { "a.yaml": "secrets: {a: {file: b}}", b: "" }, {}, "Swarm takes no empty ones"],
  ["a large secret", { "a.yaml": "secrets: {a: {file: b}}", b: "x".repeat(512_001) }, {}, "has 512001 bytes"],
  [
    "a template driver",
    { "a.yaml": "configs: {a: {file: b, template_driver: golang}}", b: "x" },
    {},
    "configs.a.template_driver: no version",
  ],
  [
    "an IPv6 subnet",
    { "a.yaml": "networks: {a: {ipam: {config: [{subnet: 'fd00::/64'}]}}}" },
    {},
    "makes such a network anew",
  ],
];

describe("a stack that Swarm would refuse, or the docker plugin could not say to it, is refused with its line", () => {
  test.each(ofOneKey)("%s", async (lines, problem) => {
    const error = await plan({ "a.yaml": web(`image: ${image}`, ...lines) }).catch((reason) => reason);
    const told = error.problems.map(({ line, at, what }: Record<string, unknown>) => `${line} ${at}: ${what}`);
    expect(told.join("\n")).toContain(problem);
    expect(told).toHaveLength(1);
  });

  test.each(ofTheWhole)("%s", async (_what, files, options, message) => {
    await expect(plan(files, options)).rejects.toThrow(message);
  });
});

test("an image by tag takes the digest that a program has for it", async () => {
  const { images } = await plan({ "a.yaml": web("image: a:1") }, { images: { "a:1": image } });
  expect(images).toEqual({ web: image });
});

test.each([
  [true, "services.web.volumes.0.tmpfs.size: the docker plugin that set-up built cannot say it"],
  [false, undefined],
])("the size of a tmpfs, where set-up built the plugin: %s", async (builtHere, message) => {
  const files = { "a.yaml": web(`image: ${image}`, "volumes: [{type: tmpfs, target: /a, tmpfs: {size: 1000}}]") };
  const error = await plan(files, { plugin: { version: "5.2.0", builtHere } }).catch((reason) => reason.message);
  if (message === undefined) expect(error).toHaveProperty("stack.services.web");
  else expect(error).toContain(message);
});

test("what is not text stays what it is", async () => {
  const bytes = Buffer.from([0, 255, 254]);
  const { contents } = await plan({ "a.yaml": "configs: {a: {file: b}}", b: bytes });
  expect(contents.get("configs.a")).toEqual({ content: bytes.toString("base64"), encoding: "base64" });
});
