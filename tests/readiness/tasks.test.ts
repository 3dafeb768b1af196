import type Docker from "dockerode";
import { expect, test } from "vitest";

import { facts } from "../support/facts.ts";
import { applications, containersOf, services } from "./application.ts";
import { expectNone } from "./expect-none.ts";

const repository = (image: string): string => image.replace(/[:@][^/]*$/, "");
const mostOfLimit = 0.8;

async function shareOfMemory(container: Docker.Container): Promise<number> {
  const { memory_stats: memory } = await container.stats({ stream: false, "one-shot": true });
  // What the kernel would give back at once is no use of the application; its name depends on the cgroup version.
  const { total_inactive_file: v1, inactive_file: v2 } = memory.stats;
  return (memory.usage - (v1 || v2)) / memory.limit;
}

test("every service of the environment is there, at the scale that was deployed", async () => {
  const found = new Map((await services()).map(({ name, scale }) => [name, scale]));
  expectNone(
    "Not as deployed",
    Object.entries(facts.services)
      .filter(([name, scale]) => found.get(name) !== scale)
      .map(([name, scale]) => `${name} ${found.get(name) ?? "absent"}, deployed ${scale}`),
  );
});

test("every service runs at full strength, with every task healthy and of its present specification", async () => {
  const lasting = (await services()).filter(({ scale }) => scale !== "once");
  const short = lasting.filter(({ replicas }) => replicas.running !== replicas.desired || replicas.desired === 0);
  expectNone(
    "Not at full strength",
    short.map(({ name, replicas }) => `${name} ${replicas.running} of ${replicas.desired}`),
  );
});

test.each(Object.entries(facts.release.images))("%s runs by the release's digest and no other", async (_, image) => {
  const own = (await services()).filter((service) => repository(service.image) === repository(image));
  expect(own.length, `No service runs ${image}`).toBeGreaterThan(0);
  // An earlier release's task may still be draining.
  const running = own.flatMap(({ tasks }) =>
    tasks.filter(({ desired, state }) => desired === "running" && state === "running"),
  );
  const others = [...own, ...running].map((one) => one.image).filter((one) => one !== image);
  expectNone("Images that are not the release's", [...new Set(others)]);
});

test("no service's update is going on or stuck", async () => {
  // Of what runs once, Swarm watches the end for a while and calls that an update.
  const lasting = (await services()).filter(({ scale }) => scale !== "once");
  const updates = lasting.map(({ name, update }) => `${name}: ${update ?? "none"}`);
  // One that was rolled back as a whole runs what it ran before, which the digests above have judged.
  expectNone(
    "Updates",
    updates.filter((update) => /: (updating|paused|rollback_started|rollback_paused)/.test(update)),
  );
});

test.runIf(facts.nodes.length > 0)("the application's tasks keep well below their memory limit", async () => {
  const containers = (await Promise.all((await applications()).map(containersOf))).flat();
  expect(containers.length, "No task of the application can be reached on its node").toBeGreaterThan(0);
  const shares = await Promise.all(containers.map(shareOfMemory));
  expect(Math.max(...shares)).toBeLessThan(mostOfLimit);
});
