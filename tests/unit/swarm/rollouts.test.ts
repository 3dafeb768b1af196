import { expect, test } from "vitest";

import { connect } from "../../../swarm/engine.ts";
import { Rollouts } from "../../../swarm/rollouts.ts";
import { anEngine } from "./an-engine.ts";

/** A service without tasks, which is converged as soon as it is set to what is wanted. */
const service = (image: string) => ({
  ID: "1",
  Spec: {
    Name: "shop_app",
    Mode: { Replicated: { Replicas: 0 } },
    TaskTemplate: { ContainerSpec: { Image: image }, RestartPolicy: { Condition: "any" } },
  },
});

const target = (image: string) => ({ service: "shop_app", image, scale: 0, stableFor: 0 });

test("what Swarm said before a service was changed is not held against it", async () => {
  let image = "old";
  let hold: Promise<void> | undefined;
  const engine = await anEngine({
    info: {},
    services: () => [service(image)],
    nodes: [],
    tasks: async () => {
      await hold;
      return [];
    },
  });
  const rollouts = new Rollouts(connect(`unix://${engine.socket}`), "shop");
  let letGo = () => {};
  hold = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const other = rollouts.converged({ ...target("old"), service: "shop_other" }, 500).catch((error: Error) => error);
  await expect.poll(() => engine.asked).toContain("tasks");
  // Swarm has told of services by now; then one is changed, and its rollout awaited.
  image = "new";
  const changed = rollouts.converged(target("new"), 5_000);
  letGo();
  await changed;
  expect(String(await other)).toContain("shop_other did not converge");
});

test("a service that somebody else sets to another image is not waited for", async () => {
  const engine = await anEngine({ info: {}, services: [service("other")], nodes: [], tasks: [] });
  const rollouts = new Rollouts(connect(`unix://${engine.socket}`), "shop");
  await expect(rollouts.converged(target("new"), 5_000)).rejects.toThrow("it is set to other, not new");
});
