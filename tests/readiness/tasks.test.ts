import { expect, test } from "vitest";

import { namespaceLabel } from "../../swarm/services.ts";
import { facts } from "../support/facts.ts";
import { manager, services } from "./application.ts";
import { expectNone } from "./expect-none.ts";
import { memoryOf } from "./memory.ts";

const repository = (image: string): string => image.replace(/[:@][^/]*$/, "");
const mostOfLimit = 0.8;

/** The names of the secrets and configs in a task's specification. */
function filesOf(spec: unknown): string[] {
  const { ContainerSpec: container } = (spec ?? {}) as {
    ContainerSpec?: { Secrets?: { SecretName: string }[]; Configs?: { ConfigName: string }[] };
  };
  const secrets = (container?.Secrets ?? []).map(({ SecretName }) => SecretName);
  const configs = (container?.Configs ?? []).map(({ ConfigName }) => ConfigName);
  return [...secrets, ...configs].toSorted();
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

test.runIf(facts.nodes.length > 0)("every task keeps well below its memory limit", async () => {
  const used = await memoryOf((await services()).filter(({ scale }) => scale !== "once"));
  expect(used.length, "No task can be reached on its node").toBeGreaterThan(0);
  const over = used.filter(({ share }) => share >= mostOfLimit);
  expectNone(
    "Near their memory limit",
    over.map(({ task, share }) => `${task}, ${Math.round(share * 100)} % of it`),
  );
});

test("every task is given the secrets and configs that were meant for it, and no others", async () => {
  const filters = { label: [`${namespaceLabel}=${facts.environment}`] };
  const [found, tasks] = await Promise.all([manager.listServices({ filters }), manager.listTasks({ filters })]);
  const running = tasks.filter(({ DesiredState }: { DesiredState?: string }) => DesiredState === "running");
  const given = [
    ...found.map(({ Spec }) => ({ service: Spec?.Name ?? "", files: filesOf(Spec?.TaskTemplate) })),
    ...running.map(({ ServiceID, Spec }: { ServiceID: string; Spec: unknown }) => ({
      service: found.find(({ ID }) => ID === ServiceID)?.Spec?.Name ?? "",
      files: filesOf(Spec),
    })),
  ];
  const meant = (service: string): string => (facts.files[service] ?? []).toSorted().join(", ");
  expect(given.length).toBeGreaterThan(0);
  expectNone(
    "Not what was meant",
    given
      .filter(({ service, files }) => files.join(", ") !== meant(service))
      .map(
        ({ service, files }) => `${service} is given ${files.join(", ") || "none"}, not ${meant(service) || "none"}`,
      ),
  );
});
