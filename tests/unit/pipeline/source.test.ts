import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { applicationAt } from "../../../pipeline/application.ts";
import { UsageError } from "../../../pipeline/errors.ts";
import { resolveCommit } from "../../../pipeline/git.ts";
import { useSource } from "../../../pipeline/source.ts";
import { deliver, namespaceIn, ownStacksOf, sourceRoot, stackIn } from "../../../settings/delivered.ts";
import { projectRoot } from "../../../settings/project.ts";
import { emptyRepository, type Repository } from "./repository.ts";

const signal = AbortSignal.timeout(60_000);
let repository: Repository;
let head: string;

beforeAll(async () => {
  repository = await emptyRepository();
  await repository.commit({ "delivery.yaml": "name: [\n" });
  head = await repository.commit({
    "delivery.yaml": "name: shop\nstackFile: compose.yaml\n",
    "part/delivery.yaml": "name: part\n",
  });
});
afterAll(() => repository.remove());
afterEach(() => deliver({ root: projectRoot }));

test("without a source, the project's own application is a part of its environments", () => {
  expect(sourceRoot()).toBe(projectRoot);
  expect(ownStacksOf()).toBeUndefined();
  expect(stackIn("production")).toBe("production");
  expect(namespaceIn("production")).toBe("production");
});

test("another repository's application has stacks and a namespace of its own", async () => {
  await useSource({ source: repository.folder, commit: "HEAD" }, signal);
  expect(stackIn("production")).toBe("shop.production");
  expect(namespaceIn("production")).toBe("shop");
  expect(await resolveCommit("HEAD")).toBe(head);
});

test("a folder of a repository is the application that its delivery.yaml describes", async () => {
  await useSource({ source: join(repository.folder, "part"), commit: "HEAD" }, signal);
  expect(stackIn("staging")).toBe("part.staging");
  expect(await applicationAt(head)).toBe("part");
});

test("the project's own application stays a part of its environments when its repository is named", async () => {
  await useSource({ source: projectRoot, commit: "HEAD" }, signal);
  expect(stackIn("staging")).toBe("staging");
});

test("a commit whose delivery.yaml names no application is told", async () => {
  const wrong = useSource({ source: repository.folder, commit: "HEAD~1" }, signal);
  await expect(wrong).rejects.toThrow(UsageError);
  await expect(wrong).rejects.toThrow(/no delivery.yaml that names an application/);
});

test("what is no repository is told, and what is not there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "no-repository-"));
  try {
    await expect(useSource({ source: folder, commit: "HEAD" }, signal)).rejects.toThrow(/not a git repository/);
    await expect(useSource({ source: join(folder, "x"), commit: "HEAD" }, signal)).rejects.toThrow(
      /There is no folder/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
