import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";

import { readDelivery } from "../../../settings/delivery.ts";
import { SettingsError } from "../../../settings/errors.ts";
import { projectRoot } from "../../../settings/project.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "delivery-"));
});
afterEach(() => rm(root, { recursive: true }));

const valid = {
  name: "shop",
  unitTests: { run: ["make"] },
  images: { web: {} },
  suites: { functional: "a", readiness: "b" },
  stackFile: "compose.yaml",
};

async function read(more: object) {
  const file = join(root, "delivery.yaml");
  await writeFile(file, stringify({ ...valid, ...more }));
  return readDelivery(file, root);
}

const problemsOf = (more: object): Promise<unknown> =>
  read(more).then(
    () => [],
    (error: unknown) => (error instanceof SettingsError ? error.problems : error),
  );

test("one stack file is a list of one, and paths come out absolute", async () => {
  const delivery = await read({ overrides: { production: ["more.yaml"] } });
  expect(delivery.stackFile).toEqual([join(root, "compose.yaml")]);
  expect(delivery.overrides).toEqual({ production: [join(root, "more.yaml")] });
});

test("a route leads to every path, and to the port that says so", async () => {
  const { routes, port } = await read({ port: 8100, routes: [{ service: "web", port: 80 }] });
  expect({ routes, port }).toEqual({ port: 8100, routes: [{ service: "web", port: 80, path: "/" }] });
});

const route = { service: "web", port: 80 };

test.each([
  ["a name that is an environment's", { name: "staging" }, "name"],
  ["routes without a port to reach them on", { routes: [route] }, "port"],
  ["two routes for the same", { port: 8100, routes: [route, { ...route, path: "/" }] }, "routes.1"],
  [
    "two routes for the same host",
    { port: 8100, routes: [1, 2].map((port) => ({ service: "a", port, host: "A.b" })) },
    "routes.1",
  ],
  ["a port for TLS without routes", { port: 8100, tlsPort: 8101 }, "tlsPort"],
  ["one port for both", { port: 8100, tlsPort: 8100, routes: [route] }, "tlsPort"],
  [
    "a path that would be more than a path",
    { port: 8100, routes: [{ ...route, path: "/a }\n bind :1" }] },
    "routes.0.path",
  ],
  ["a host that is none", { port: 8100, routes: [{ ...route, host: "a b" }] }, "routes.0.host"],
  ["an environment that there is not", { overrides: { test: "x.yaml" } }, "overrides.test"],
  ["a stack file outside the repository", { stackFile: "../compose.yaml" }, "stackFile.0"],
  ["a program beside a stack file", { program: "program.ts" }, "program"],
  ["a program that is no TypeScript", { program: "program.sh", stackFile: undefined }, "program"],
  ["routes beside a program", { stackFile: undefined, program: "a.ts", routes: [route] }, "routes"],
  ["keys of a stack file without one", { stackFile: undefined, port: 8100 }, "port"],
])("%s is refused", async (_what, more, at) => {
  expect(await problemsOf(more)).toMatchObject([{ at }]);
});

test.each(["orders", "visits", "site"])("the description of the example %s is valid", async (name) => {
  const file = join(projectRoot, "examples", name, "delivery.yaml");
  expect((await readDelivery(file, projectRoot)).name).toBe(name);
});
