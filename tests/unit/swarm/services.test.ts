import type Docker from "dockerode";
import { expect, test } from "vitest";

import type { ApiNode, ApiService, ApiTask } from "../../../swarm/api-types.ts";
import { readServices, type ServiceState } from "../../../swarm/services.ts";

const template = { ContainerSpec: { Image: "app@sha256:now" }, RestartPolicy: { Condition: "any" } };
const spec = { Name: "production_app", TaskTemplate: template, Mode: { Replicated: { Replicas: 2 } } };
const node: ApiNode = {
  ID: "n1",
  Description: { Hostname: "production-1" },
  Spec: { Availability: "active" },
  Status: { State: "ready" },
};
const task = (over: Partial<ApiTask> = {}): ApiTask => ({
  ID: "t",
  ServiceID: "s",
  NodeID: "n1",
  DesiredState: "running",
  Spec: template,
  Status: { State: "running", Timestamp: "2026-01-01T00:00:00Z" },
  ...over,
});

async function read(service: Partial<ApiService>, tasks: ApiTask[] = [], nodes = [node]): Promise<ServiceState> {
  const engine = {
    listServices: async () => [{ ID: "s", Spec: spec, ...service }],
    listTasks: async () => tasks,
    listNodes: async () => nodes,
  };
  const [state] = await readServices(engine as unknown as Docker, "production");
  return state as ServiceState;
}

test.each<[string, ApiTask, number]>([
  ["a task that runs the present specification counts", task(), 1],
  ["one that was told to stop does not, though it runs for a while yet", task({ DesiredState: "remove" }), 0],
  ["one of an earlier specification does not", task({ Spec: { ContainerSpec: { Image: "app@sha256:old" } } }), 0],
  ["one that has not started yet does not", task({ Status: { State: "starting" } }), 0],
])("%s", async (_, one, running) => {
  expect((await read({}, [one])).replicas).toEqual({ desired: 2, running });
});

test.each<[string, NonNullable<ApiService["Spec"]>, ServiceState["scale"], number]>([
  ["a replicated service has its number", spec, 2, 2],
  ["a global one has one task on every node that takes tasks", { ...spec, Mode: { Global: {} } }, "global", 1],
  [
    "a global one has none on nodes that it may not run on",
    { ...spec, Mode: { Global: {} }, TaskTemplate: { ...template, Placement: { Constraints: ["node.id!=n1"] } } },
    "global",
    0,
  ],
  [
    "one whose tasks are not started again runs once",
    { ...spec, TaskTemplate: { ...template, RestartPolicy: { Condition: "on-failure" } } },
    "once",
    2,
  ],
  [
    "one whose tasks run for ever all the same has its number",
    {
      ...spec,
      Labels: { "slipway.lasting": "true" },
      TaskTemplate: { ...template, RestartPolicy: { Condition: "on-failure" } },
    },
    2,
    2,
  ],
])("%s", async (_, of, scale, desired) => {
  const drained = { ...node, ID: "n2", Spec: { Availability: "drain" } };
  expect(await read({ Spec: of }, [], [node, drained])).toMatchObject({ scale, replicas: { desired } });
});

test("a task has its node's name and its addresses without their network's length", async () => {
  const { tasks } = await read({}, [task({ NetworksAttachments: [{ Addresses: ["10.0.1.5/24"] }, {}] })]);
  expect(tasks[0]).toMatchObject({ node: "production-1", addresses: ["10.0.1.5"] });
});
