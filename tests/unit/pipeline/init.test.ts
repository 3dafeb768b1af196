import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { planStack } from "../../../infra/stack-file/plan.ts";
import { lookInto, nameFrom } from "../../../pipeline/init/look.ts";
import { type Choices, planOf, routed } from "../../../pipeline/init/plan.ts";
import { writePlan } from "../../../pipeline/init/write.ts";
import { readDelivery } from "../../../settings/delivery.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "Shop-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function files(all: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const choices: Choices = {
  name: "shop",
  unitTests: { prepare: ["npm", "ci"], run: ["npm", "test"] },
  route: { service: "web", port: 3000, health: "/health" },
  port: 8100,
};

/** What `StackFile` would be given for the images that are built. */
async function declaredIn(at: string) {
  const { images, stackFile = [], name } = await readDelivery(join(at, "delivery.yaml"), at);
  const built = Object.entries(images).map(([key, { image }]) => [
    image ?? `${name}/${key}`,
    `x@sha256:${"a".repeat(64)}`,
  ]);
  return planStack(stackFile, { images: Object.fromEntries(built), variables: {}, completes: [] });
}

const compose = `
services:
  db: { image: postgres:17 }
  web: { build: ., ports: ["127.0.0.1:8080:3000/tcp"] }
  worker: { build: { context: ./worker/, dockerfile: Dockerfile.prod }, image: registry.example/worker }
`;

describe("what a repository has", () => {
  test("is read from its Compose file", async () => {
    await files({ "docker-compose.yml": compose, "package.json": "{}", "package-lock.json": "{}" });
    const seen = await lookInto(folder);
    expect(seen).toMatchObject({ stackFile: "docker-compose.yml", unitTests: choices.unitTests });
    expect(seen.services).toEqual([
      { name: "db", image: "postgres:17" },
      { name: "web", build: { context: ".", dockerfile: "Dockerfile" }, port: 3000 },
      { name: "worker", build: { context: "worker", dockerfile: "Dockerfile.prod" }, image: "registry.example/worker" },
    ]);
    expect(routed(seen)).toEqual({ service: "web", port: 3000 });
  });

  test("is one service where there is a Dockerfile alone", async () => {
    await files({ Dockerfile: "FROM x\n", Makefile: "" });
    expect(await lookInto(folder)).toMatchObject({
      services: [{ name: "web", build: { context: "." } }],
      unitTests: { run: ["make", "test"] },
    });
  });

  test("tells what is built where a Compose file for docker stack deploy does not", async () => {
    const digest = `redis@sha256:${"b".repeat(64)}`;
    const stack = `services: { queue: { image: "${digest}" }, web: { image: shop/web }, job: { image: shop/web }, db: { image: postgres } }`;
    await files({ "stack.yml": stack, Dockerfile: "FROM scratch" });
    const seen = await lookInto(folder);
    expect(seen.dockerfile).toBe(true);
    const plan = planOf(seen, choices);
    expect(plan.images).toEqual({ web: { context: ".", dockerfile: "Dockerfile", image: "shop/web" } });
    expect(plan.unnamed).toEqual({});
    expect(plan.notes).toEqual([expect.stringMatching(/^The image of db is to be named by digest/)]);
    await writePlan(folder, plan);
    expect((await readDelivery(join(folder, "delivery.yaml"), folder)).images).toMatchObject({
      web: { image: "shop/web" },
    });
    await files({ "web/Dockerfile": "FROM scratch", "queue/Dockerfile": "FROM scratch" });
    const own = await lookInto(folder);
    expect(own.dockerfile).toBeUndefined();
    expect(own.services.map(({ build }) => build?.context)).toEqual([undefined, "web", undefined, undefined]);
  });

  test("may not tell what is built", async () => {
    await files({ "compose.yaml": "services: { web: { image: shop/web } }" });
    await expect(lookInto(folder)).rejects.toThrow(
      /no service of compose.yaml has a build, and there is no Dockerfile/,
    );
  });

  test("may be nothing, or no YAML", async () => {
    await expect(lookInto(folder)).rejects.toThrow(/neither a Compose file nor a Dockerfile/);
    await files({ "compose.yaml": "services: [" });
    await expect(lookInto(folder)).rejects.toThrow(/compose.yaml is no YAML/);
  });

  test.each([
    ["/home/My Shop_2", "my-shop-2"],
    ["/1st", "st"],
    ["/…", "application"],
  ])("%s gives the name %s", (path, name) => {
    expect(nameFrom(path)).toBe(name);
  });
});

describe("what is written", () => {
  test("can be declared as it is, for a Compose file whose images have no names", async () => {
    await files({ "compose.yaml": compose.replace("postgres:17", `postgres@sha256:${"b".repeat(64)}`) });
    const plan = planOf(await lookInto(folder), choices);
    expect(plan.notes).toEqual([]);
    await writePlan(folder, plan);
    expect(Object.keys((await declaredIn(folder)).images)).toEqual(["db", "web", "worker"]);
  });

  test("can be declared as it is, for a Dockerfile alone", async () => {
    await files({ Dockerfile: "FROM x\n" });
    await writePlan(folder, planOf(await lookInto(folder), choices));
    const { stack } = await declaredIn(folder);
    expect(stack.services.web?.deploy).toMatchObject({ replicas: 2, update_config: { order: "start-first" } });
    expect(await readFile(join(folder, "delivery", "functional", "answers.test.ts"), "utf8")).toContain("/health");
  });

  test("comes with a word on images that are not by digest", async () => {
    await files({ "compose.yaml": compose });
    expect(planOf(await lookInto(folder), choices).notes).toEqual([expect.stringMatching(/postgres:17@sha256/)]);
  });

  test("never replaces what is there", async () => {
    await files({ Dockerfile: "FROM x\n", "delivery.yaml": "mine" });
    await expect(writePlan(folder, planOf(await lookInto(folder), choices))).rejects.toThrow(
      /has delivery.yaml already/,
    );
    expect(await readFile(join(folder, "delivery.yaml"), "utf8")).toBe("mine");
  });

  test("is taken back when it would be refused", async () => {
    await files({ Dockerfile: "FROM x\n" });
    const plan = planOf(await lookInto(folder), { ...choices, name: "Not a name" });
    await expect(writePlan(folder, plan)).rejects.toThrow(/name/);
    expect(await readdir(folder)).toEqual(["Dockerfile"]);
  });
});
