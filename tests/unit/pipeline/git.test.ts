import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { UsageError } from "../../../pipeline/errors.ts";
import { assertRepository, gitOutput, resolveCommit, subjectOf, uncommitted } from "../../../pipeline/git.ts";
import { emptyRepository, type Repository } from "./repository.ts";

let repository: Repository;
let first: string;
let head: string;

beforeAll(async () => {
  repository = await emptyRepository();
  first = await repository.commit({ a: "1" });
  head = await repository.commit({ a: "2" });
});
afterAll(() => repository.remove());

test.each([
  ["HEAD", () => head],
  ["main", () => head],
  ["HEAD~1", () => first],
  ["a short id", () => first, () => first.slice(0, 8)],
])("%s means a commit", async (name, expected, typed = () => name) => {
  expect(await resolveCommit(typed(), repository.folder)).toBe(expected());
});

const hostileBranches = [
  "with;semicolon",
  "$(touch\u00a0owned)",
  "`id>owned`",
  "quote'd",
  'double"quoted',
  "-leading-hyphen",
  "--upload-pack=touch",
  "&&touch",
  "ünïcode",
];

test.each(hostileBranches)("the branch %j is only a name", async (branch) => {
  await repository.git("update-ref", `refs/heads/${branch}`, first);
  expect(await resolveCommit(`refs/heads/${branch}`, repository.folder)).toBe(first);
  expect(await resolveCommit(branch, repository.folder)).toBe(first);
  await expect(stat(join(repository.folder, "owned"))).rejects.toThrow();
});

test.each([
  "",
  "nope",
  "with space",
  "--help",
  "--all",
  "-n",
  "a\0b",
  "a\nb",
  "HEAD:a",
  "; touch owned",
  "$(touch owned)",
  "^HEAD",
])("%j, which is no commit, is refused", async (name) => {
  await expect(resolveCommit(name, repository.folder)).rejects.toThrow(UsageError);
  await expect(stat(join(repository.folder, "owned"))).rejects.toThrow();
});

test("a commit that a shallow clone lacks is told with the command that gets it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shallow-"));
  await gitOutput(folder, ["clone", "--quiet", "--depth=1", `file://${repository.folder}`, "."]);
  expect(await resolveCommit("HEAD", folder)).toBe(head);
  await expect(resolveCommit(first, folder)).rejects.toMatchObject({ next: "git fetch --unshallow" });
  await rm(folder, { recursive: true });
});

test("a repository without a commit is told apart from an unknown commit", async () => {
  const empty = await emptyRepository();
  await expect(resolveCommit("HEAD", empty.folder)).rejects.toThrow("no commit yet");
  await empty.remove();
});

test("a folder that is no repository is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "plain-"));
  await expect(assertRepository(folder)).rejects.toThrow("is not a git repository");
  await rm(folder, { recursive: true });
});

test("the subject of a commit is its first line", async () => {
  expect(await subjectOf(head, repository.folder)).toBe("a commit");
});

test("uncommitted files are noticed, new ones too", async () => {
  const own = await emptyRepository();
  await own.commit({ a: "1", b: "1" });
  expect(await uncommitted(own.folder)).toEqual([]);
  await own.git("rm", "--quiet", "b");
  expect(await uncommitted(own.folder)).toEqual(["b"]);
  await own.remove();
});
