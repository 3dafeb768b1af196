import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { describedAt } from "../../../pipeline/description.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "description-"));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([
  ["in the top folder", ["delivery.yaml"], "delivery.yaml"],
  ["in a folder right below", ["demo/delivery.yaml"], "demo/delivery.yaml"],
  ["in the top folder before others", ["delivery.yaml", "demo/delivery.yaml"], "delivery.yaml"],
])("delivery.yaml is found %s", async (_, files, expected) => {
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), "");
  }
  expect(await describedAt(folder)).toBe(expected);
});

test("what the person says wins", async () => {
  expect(await describedAt(folder, "x/y.yaml")).toBe("x/y.yaml");
});

test("a commit without one is refused", async () => {
  await expect(describedAt(folder)).rejects.toThrow("The commit has no delivery.yaml");
});

test("a commit with several is refused, naming them and the flag", async () => {
  for (const name of ["a", "b"]) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "delivery.yaml"), "");
  }
  await expect(describedAt(folder)).rejects.toMatchObject({
    message: expect.stringContaining("a/delivery.yaml, b/delivery.yaml"),
    next: "npm run promote -- --description a/delivery.yaml",
  });
});
