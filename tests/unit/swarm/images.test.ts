import type Docker from "dockerode";
import { expect, test } from "vitest";

import type { ApiTask } from "../../../swarm/api-types.ts";
import { imagesNeeded } from "../../../swarm/images.ts";

const template = (Image: string) => ({ TaskTemplate: { ContainerSpec: { Image } } });
const task = (Image: string, State: string, DesiredState: string): ApiTask => ({
  ID: Image,
  ServiceID: "s",
  DesiredState,
  Spec: { ContainerSpec: { Image } },
  Status: { State },
});

const needed = (tasks: ApiTask[]) =>
  imagesNeeded({
    listServices: async () => [
      { ID: "s", Spec: template("app@now"), PreviousSpec: template("app@before") },
      { ID: "t", Spec: template("edge@now") },
    ],
    listTasks: async () => tasks,
  } as unknown as Docker);

test("services need what they run and what Swarm remembers of before", async () => {
  expect(await needed([])).toEqual({ runs: ["app@now", "edge@now"], wouldGoBackTo: ["app@before"] });
});

test.each<[string, ApiTask, boolean]>([
  ["a task of long ago that still runs needs its image", task("app@old", "running", "running"), true],
  ["one that is stopping does so, too", task("app@old", "running", "shutdown"), true],
  ["one that waits for a node does so, too", task("app@old", "pending", "running"), true],
  ["one that is to run again does so, too", task("app@old", "failed", "running"), true],
  ["one that has ended is history", task("app@old", "shutdown", "shutdown"), false],
  ["one that has failed and was replaced is history", task("app@old", "failed", "shutdown"), false],
])("%s", async (_, one, is) => {
  expect((await needed([one])).runs.includes("app@old")).toBe(is);
});
