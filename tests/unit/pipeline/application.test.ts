import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { applicationAt } from "../../../pipeline/application.ts";
import { emptyRepository, type Repository } from "./repository.ts";

let repository: Repository;
beforeEach(async () => {
  repository = await emptyRepository();
  for (const name of ["demo", "other"]) await mkdir(join(repository.folder, name));
});
afterEach(() => repository.remove());

const named = async (files: Record<string, string>, said?: string): Promise<string | undefined> =>
  applicationAt(await repository.commit(files), said, repository.folder);

test.each<[string, Record<string, string>, string | undefined]>([
  ["in the top folder", { "delivery.yaml": "name: shop" }, "shop"],
  ["in a folder right below", { "demo/delivery.yaml": "name: shop" }, "shop"],
  ["in the top folder before others", { "delivery.yaml": "name: shop", "demo/delivery.yaml": "name: no" }, "shop"],
  ["where the rest is wrong", { "delivery.yaml": "name: shop\nimages: 3\nunitTests: [" }, "shop"],
  ["nowhere", { "README.md": "name: shop" }, undefined],
  ["in two folders", { "demo/delivery.yaml": "name: a", "other/delivery.yaml": "name: b" }, undefined],
  ["as what is no name", { "delivery.yaml": "name: ../../shop" }, undefined],
  ["as a list", { "delivery.yaml": "- name" }, undefined],
  ["as nothing", { "delivery.yaml": "" }, undefined],
])("the application's name %s", async (_, files, expected) => {
  expect(await named(files)).toBe(expected);
});

test("it is that of the file that the person says, and of the commit, not of the work tree", async () => {
  const files = { "demo/delivery.yaml": "name: a", "other/delivery.yaml": "name: b" };
  expect(await named(files, "other/delivery.yaml")).toBe("b");
  const commit = await repository.commit({ "demo/delivery.yaml": "name: c" });
  await repository.commit({ "demo/delivery.yaml": "name: d" });
  expect(await applicationAt(commit, "demo/delivery.yaml", repository.folder)).toBe("c");
});
