import { expect, test } from "vitest";

import { missing } from "../../../pipeline/deploy.ts";
import type { EnvironmentFacts } from "../../../pipeline/facts.ts";
import type { Release } from "../../../settings/release.ts";
import type { ServiceState, TaskState } from "../../../swarm/services.ts";

const image = `127.0.0.1:5000/demo/app@sha256:${"a".repeat(64)}`;
const release: Release = { application: "demo", commit: "a".repeat(40), version: "1", images: { app: image } };
const facts: EnvironmentFacts = {
  addresses: [],
  engine: "unix:///x",
  nodes: [],
  files: {},
  services: { staging_app: 2 },
  release: undefined,
  previous: undefined,
};

const task = (more: Partial<TaskState> = {}): TaskState => ({
  id: "t",
  node: "staging-1",
  state: "running",
  desired: "running",
  image,
  current: true,
  addresses: [],
  created: new Date(),
  since: new Date(),
  ...more,
});

const service = (more: Partial<ServiceState> = {}): ServiceState => ({
  name: "staging_app",
  image,
  forceUpdate: 0,
  replicas: { desired: 2, running: 2 },
  scale: 2,
  tasks: [task()],
  ...more,
});

test.each([
  ["nothing is missing where every task runs the release", [service()], []],
  ["a service that is not there", [], ["staging_app is not there", `no service runs ${image}`]],
  ["another scale", [service({ scale: 0 })], ["staging_app is set to 0 tasks, not 2 tasks"]],
  ["another image", [service({ image: "other" })], [`no service runs ${image}`]],
  [
    "too few tasks, with the reason",
    [
      service({
        replicas: { desired: 2, running: 1 },
        tasks: [task(), task({ state: "rejected", error: "no such image" })],
      }),
    ],
    ["staging_app runs 1 of 2 tasks", "  staging-1: rejected, no such image"],
  ],
  ["a task that has not run to its end", [service({ scale: "once" })], ["staging_app has not run to its end"]],
  ["a task that has", [service({ scale: "once", tasks: [task({ state: "complete" })] })], []],
])("%s", (_, services, expected) => {
  const deployed = services[0]?.scale === "once" ? { staging_app: "once" as const } : facts.services;
  expect(missing(services, { ...facts, services: deployed }, release)).toEqual(expected);
});
