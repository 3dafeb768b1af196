import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import { describe, expect, test } from "vitest";

import { describeChanges } from "../../../pipeline/diff.ts";
import type { Release } from "../../../settings/release.ts";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const image = (digit: string): string => `127.0.0.1:5000/demo/app@${digest(digit)}`;
const release = (digit: string): Release => ({
  application: "demo",
  version: "1.0.0",
  commit: digit.repeat(40),
  images: { app: image(digit) },
});

const service = "docker:index/service:Service";
const containerPath = { image: image("a"), env: { ENVIRONMENT: "production" } };

const inputs = (container: object, rest: object = {}) => ({
  name: "production_app",
  mode: { replicated: { replicas: 3 } },
  ...rest,
  taskSpec: { containerSpec: { ...containerPath, ...container } },
});

const step = (op: string, type: string, before?: object, after?: object, name = "app"): StepEventMetadata =>
  ({
    op,
    type,
    urn: `urn:pulumi:production::slipway::${type}::${name}`,
    provider: "",
    ...(before ? { old: { inputs: before } } : {}),
    ...(after ? { new: { inputs: after } } : {}),
  }) as StepEventMetadata;

const update = (before: object, after: object): string[] =>
  describeChanges([step("update", service, before, after)], [release("a"), release("b")])[0]?.details ?? [];

describe("of a service", () => {
  test.each([
    [
      "images are named by commit and digest",
      inputs({}),
      inputs({ image: image("b") }),
      ["image demo/app aaaaaaaaaaaa (sha256:aaaaaaaaaaaa) → demo/app bbbbbbbbbbbb (sha256:bbbbbbbbbbbb)"],
    ],
    [
      "an image of no known release is named by digest",
      inputs({}),
      inputs({ image: image("c") }),
      ["image demo/app aaaaaaaaaaaa (sha256:aaaaaaaaaaaa) → demo/app (sha256:cccccccccccc)"],
    ],
    ["replicas", inputs({}), inputs({}, { mode: { replicated: { replicas: 5 } } }), ["replicas 3 → 5"]],
    ["global services", inputs({}), inputs({}, { mode: { global: true } }), ["replicas 3 → one on every node"]],
    ["variables", inputs({ env: { A: "1" } }), inputs({ env: { A: "2" } }), ["environment A 1 → 2"]],
    ["new variables", inputs({ env: {} }), inputs({ env: { A: "2" } }), ["environment A none → 2"]],
    [
      "secrets by name only",
      inputs({ secrets: [{ secretId: "x", secretName: "production_password-1" }] }),
      inputs({ secrets: [{ secretId: "y", secretName: "production_password-2" }] }),
      ["secret production_password-1 no longer used", "secret production_password-2 used from now on"],
    ],
    [
      "configs by name",
      inputs({ configs: [] }),
      inputs({ configs: [{ configId: "y", configName: "production_edge-2" }] }),
      ["config production_edge-2 used from now on"],
    ],
    [
      "anything else by its path",
      inputs({}, { updateConfig: { parallelism: 1 } }),
      inputs({}, { updateConfig: { parallelism: 2 } }),
      ["updateConfig.parallelism 1 → 2"],
    ],
    [
      "values that are not known yet",
      inputs({}, { mode: { replicated: { replicas: 3 } } }),
      inputs({}, { mode: { replicated: { replicas: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } } }),
      ["replicas 3 → (known after the update)"],
    ],
    [
      "a secret value is never shown",
      inputs({ env: { A: "[secret]" } }),
      inputs({ env: { A: { "4dabf18193072939515e22adb298388d": "1b47", plaintext: '"hunter2"' } } }),
      [],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(update(before, after)).toEqual(expected);
  });

  test("memory limits are told in MiB", () => {
    const limited = (memoryBytes: number) => ({ taskSpec: { resources: { limits: { memoryBytes } } } });
    expect(update(limited(128 * 1024 ** 2), limited(256 * 1024 ** 2))).toEqual(["memory limit 128 MiB → 256 MiB"]);
  });
});

test("replaces and deletes come first, creates last", () => {
  const volume = "docker:index/volume:Volume";
  const changes = describeChanges(
    [
      step("create", service, undefined, inputs({}), "one"),
      step("update", service, inputs({}), inputs({ image: image("b") }), "two"),
      step("delete", volume, { name: "data" }, undefined, "three"),
      step("replace", volume, { name: "data", driver: "a" }, { name: "data", driver: "b" }, "four"),
    ],
    [],
  );
  expect(changes.map(({ kind }) => kind)).toEqual(["replace", "delete", "update", "create"]);
});

test("a replacement is told once, with what it is about", () => {
  const config = "docker:index/serviceConfig:ServiceConfig";
  const [before, after] = [
    { name: "production_edge-1", data: "x" },
    { name: "production_edge-2", data: "y" },
  ];
  const changes = describeChanges(
    [
      step("create-replacement", config, before, after),
      step("replace", config, before, after),
      step("delete-replaced", config, before),
    ],
    [],
  );
  expect(changes).toEqual([
    { kind: "replace", what: "config production_edge-1 → production_edge-2", details: ["changes data"] },
  ]);
});

test("what stays, is only read or only groups others is no change", () => {
  const steps = [
    step("same", service, inputs({}), inputs({})),
    step("read", "pulumi:pulumi:StackReference"),
    step("update", "pulumi:pulumi:Stack", {}, {}),
    step("create", "slipway:infra:Service", undefined, {}),
  ];
  expect(describeChanges(steps, [])).toEqual([]);
});

test("a command's values, which may be secret, are not shown", () => {
  const command = "command:local:Command";
  const changes = describeChanges(
    [step("update", command, { environment: { PASSWORD: "old" } }, { environment: { PASSWORD: "new" } }, "join")],
    [],
  );
  expect(changes).toEqual([{ kind: "update", what: "command join", details: ["changes environment"] }]);
});

test("a difference between what was made and what is there is told by its path", () => {
  const drifted = {
    ...step("update", service, inputs({}), inputs({})),
    detailedDiff: { "taskSpec.placement": { diffKind: "update", inputDiff: false } },
  } as unknown as StepEventMetadata;
  expect(describeChanges([drifted], [])[0]?.details).toEqual(["taskSpec.placement is not as it was made"]);
});
