import { expect, test } from "vitest";

import type { ApiNode } from "../../../swarm/api-types.ts";
import { mayRunOn } from "../../../swarm/constraints.ts";

const node: ApiNode = {
  ID: "n1",
  Spec: { Role: "worker", Labels: { zone: "a", Disk: "ssd" } },
  Status: { Addr: "10.0.4.7" },
  Description: {
    Hostname: "production-1",
    Platform: { OS: "linux", Architecture: "x86_64" },
    Engine: { Labels: { gpu: "yes" } },
  },
};

test.each([
  ["node.role==worker", true],
  ["node.role == manager", false],
  ["node.role != manager", true],
  ["node.hostname==PRODUCTION-1", true],
  ["node.id==n1", true],
  ["node.platform.os==linux", true],
  ["node.platform.arch==amd64", true],
  ["node.platform.arch==x86_64", true],
  ["node.platform.arch!=arm64", true],
  ["node.labels.zone==a", true],
  ["node.labels.zone==b", false],
  ["node.labels.Disk==ssd", true],
  ["node.labels.none==a", false],
  ["node.labels.none!=a", true],
  ["engine.labels.gpu==yes", true],
  ["node.ip==10.0.4.7", true],
  ["node.ip==10.0.4.0/24", true],
  ["node.ip!=10.0.5.0/24", true],
  ["node.colour==red", false],
  ["node.colour!=red", false],
])("tasks with %s may run on a node: %s", (constraint, may) => {
  expect(mayRunOn(node, [constraint])).toBe(may);
});

test("all constraints count, and none is no demand", () => {
  expect(mayRunOn(node, ["node.role==worker", "node.id==n2"])).toBe(false);
  expect(mayRunOn(node)).toBe(true);
});
