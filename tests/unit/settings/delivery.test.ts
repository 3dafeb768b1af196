import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";

import { readDelivery } from "../../../settings/delivery.ts";
import { SettingsError } from "../../../settings/errors.ts";
import { projectRoot } from "../../../settings/project.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "delivery-"));
  await mkdir(join(root, "app"));
});
afterEach(() => rm(root, { recursive: true }));

const valid = {
  name: "demo",
  unitTests: { prepare: ["npm", "ci"], run: ["npm", "test"] },
  images: { app: { context: ".", dockerfile: "Dockerfile" } },
  suites: { functional: "../tests/functional", readiness: "../tests/readiness" },
};

const read = async (text: string) => {
  await writeFile(join(root, "app", "delivery.yaml"), text);
  return readDelivery(join(root, "app", "delivery.yaml"), root);
};

const problemsOf = async (content: object): Promise<unknown> =>
  read(stringify(content)).then(
    () => [],
    (error: unknown) => (error instanceof SettingsError ? error.problems : error),
  );

test("the demo's own description is valid", async () => {
  const delivery = await readDelivery(join(projectRoot, "demo", "delivery.yaml"), projectRoot);
  expect(delivery.name).toBe("demo");
});

test("paths come out absolute", async () => {
  expect(await read(stringify(valid))).toMatchObject({
    folder: join(root, "app"),
    images: { app: { context: join(root, "app"), dockerfile: join(root, "app", "Dockerfile") } },
    suites: { functional: join(root, "tests", "functional"), readiness: join(root, "tests", "readiness") },
  });
});

test("an image's context and Dockerfile have defaults, and nothing has to be prepared", async () => {
  const delivery = await read(stringify({ ...valid, unitTests: { run: ["make"] }, images: { app: {} } }));
  expect(delivery.images.app).toEqual({ context: join(root, "app"), dockerfile: join(root, "app", "Dockerfile") });
  expect(delivery.unitTests.prepare).toBeUndefined();
});

test("migrations that cannot be gone back from are told by the names that they have in the file", async () => {
  await writeFile(join(root, "app", "9.sql"), "");
  expect((await read(stringify({ ...valid, irreversible: ["9.sql"] }))).irreversible).toEqual(["9.sql"]);
  expect((await read(stringify(valid))).irreversible).toEqual([]);
});

describe("every wrong shape names the path and what was expected", () => {
  test.each([
    ["name", { ...valid, name: "Demo App" }, "name"],
    ["no name", { ...valid, name: undefined }, "name"],
    ["a command as text", { ...valid, unitTests: { run: "npm test" } }, "unitTests.run"],
    ["an empty command", { ...valid, unitTests: { run: [] } }, "unitTests.run"],
    ["a number in a command", { ...valid, unitTests: { run: ["npm", 1] } }, "unitTests.run.1"],
    ["no unit tests", { ...valid, unitTests: undefined }, "unitTests"],
    ["no images", { ...valid, images: {} }, "images"],
    ["images as a list", { ...valid, images: ["app"] }, "images"],
    ["a misspelt key of an image", { ...valid, images: { app: { dockerFile: "x" } } }, "images.app.dockerFile"],
    ["a context outside the checkout", { ...valid, images: { app: { context: "../.." } } }, "images.app.context"],
    ["an absolute Dockerfile", { ...valid, images: { app: { dockerfile: "/etc/passwd" } } }, "images.app.dockerfile"],
    ["a suite outside", { ...valid, suites: { ...valid.suites, functional: "../../x" } }, "suites.functional"],
    ["no readiness suite", { ...valid, suites: { functional: "x" } }, "suites.readiness"],
    ["a migration that is not there", { ...valid, irreversible: ["migrations/9.sql"] }, "irreversible.0"],
    ["a migration outside", { ...valid, irreversible: ["../../9.sql"] }, "irreversible.0"],
    ["an unknown key", { ...valid, deploy: true }, "deploy"],
  ])("%s", async (_, content, at) => {
    expect(((await problemsOf(content)) as { at: string }[])[0]?.at).toBe(at);
  });
});

test.each([
  ["an image name in capitals", { ...valid, images: { App: {} } }],
  ["a list instead of a description", []],
  ["nothing", null],
])("%s is refused", async (_, content) => {
  await expect(read(stringify(content))).rejects.toThrow(SettingsError);
});

test("broken YAML is told with its place", async () => {
  await expect(read("name: [\n")).rejects.toThrow(/app\/delivery\.yaml is not valid:\n {2}syntax: found .*line/s);
});

test("a file that is not there is told", async () => {
  await expect(readDelivery(join(root, "delivery.yaml"), root)).rejects.toThrow("no such file");
});
