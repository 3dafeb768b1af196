import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";

import { PrerequisiteError, UsageError } from "../../../../pipeline/errors.ts";
import { commitsSince, findBranch, headOf, lastCommits } from "../../../../pipeline/watch/branch.ts";
import { emptyRepository, type Repository } from "../repository.ts";

let upstream: Repository;
let own: Repository;
let first: string;

beforeEach(async () => {
  upstream = await emptyRepository();
  own = await emptyRepository();
  first = await upstream.commit({ a: "1" });
  await own.commit({ b: "1" });
});
afterEach(async () => {
  await upstream.remove();
  await own.remove();
});

const find = (options: { branch?: string; remote?: string; local?: boolean } = {}) =>
  findBranch({ branch: "main", local: false, ...options }, { folder: own.folder });

const addRemote = (name: string, url = upstream.folder) => own.git("remote", "add", name, url);

test("without a remote the clone's own branch is followed", async () => {
  expect(await find()).toEqual({ name: "main", remote: undefined });
});

test("the only remote is followed, and of several origin", async () => {
  await addRemote("upstream");
  expect(await find()).toEqual({ name: "main", remote: "upstream" });
  await addRemote("origin");
  expect(await find()).toEqual({ name: "main", remote: "origin" });
  expect(await find({ remote: "upstream" })).toEqual({ name: "main", remote: "upstream" });
  expect(await find({ local: true })).toEqual({ name: "main", remote: undefined });
});

test("of several remotes without an origin none is guessed", async () => {
  await addRemote("one");
  await addRemote("other");
  await expect(find()).rejects.toThrow(/several remotes.*one, other/);
});

test.each(["nope", "with space", "", "-n", "--upload-pack=touch", "a..b", "a\0b", "\x1b[2J"])(
  "%j is refused before anything, here and in a remote",
  async (branch) => {
    await expect(find({ branch })).rejects.toThrow(UsageError);
    await addRemote("origin");
    await expect(find({ branch })).rejects.toThrow(UsageError);
  },
);

test.each(["nope", "--all", "-n", upstreamLike()])("%j is no remote", async (remote) => {
  await addRemote("origin");
  await expect(find({ remote })).rejects.toThrow(/has no remote/);
});

function upstreamLike(): string {
  return "ext::touch owned";
}

test("a branch whose name begins with a hyphen is only a name", async () => {
  await upstream.git("update-ref", "refs/heads/-odd", first);
  await addRemote("origin");
  const branch = await find({ branch: "-odd" });
  expect(await headOf(branch, { folder: own.folder })).toBe(first);
});

test("a remote that does not answer yet is no reason not to begin", async () => {
  await addRemote("origin", `${upstream.folder}-nowhere`);
  const branch = await find();
  await expect(headOf(branch, { folder: own.folder })).rejects.toThrow(PrerequisiteError);
});

test("a branch that was pushed by force is where it was pushed to", async () => {
  await addRemote("origin");
  const branch = await find();
  const second = await upstream.commit({ a: "2" });
  expect(await headOf(branch, { folder: own.folder })).toBe(second);
  await upstream.git("reset", "--hard", "--quiet", first);
  const other = await upstream.commit({ a: "3" });
  expect(await headOf(branch, { folder: own.folder })).toBe(other);
  expect(await commitsSince(second, other, own.folder)).toBeUndefined();
  expect(await commitsSince(first, other, own.folder)).toEqual([other]);
});

test("a branch that is gone is told, not followed to nothing", async () => {
  await addRemote("origin");
  const branch = await find();
  await upstream.git("checkout", "--quiet", "--detach");
  await upstream.git("branch", "-D", "main");
  await expect(headOf(branch, { folder: own.folder })).rejects.toThrow(PrerequisiteError);
});

test("what a remote's URL holds to log in with is in no error", async () => {
  await addRemote("origin", "http://ann:secret@127.0.0.1:9/x.git");
  const error = await headOf({ name: "main", remote: "origin" }, { folder: own.folder }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(PrerequisiteError);
  expect(error.message).toContain("127.0.0.1:9");
  expect(error.message).not.toContain("secret");
});

test("of a merge only the merge counts, in order", async () => {
  await upstream.git("checkout", "--quiet", "-b", "topic");
  await upstream.commit({ c: "1" });
  await upstream.git("checkout", "--quiet", "main");
  const second = await upstream.commit({ a: "2" });
  await upstream.git("merge", "--quiet", "--no-ff", "--message=merge", "topic");
  const merge = (await upstream.git("rev-parse", "HEAD")).trim();
  expect(await commitsSince(first, merge, upstream.folder)).toEqual([second, merge]);
  expect(await lastCommits(merge, 2, upstream.folder)).toEqual([merge, second]);
});

test("a commit that git does not have any more is one that is not on the branch", async () => {
  await rm(`${upstream.folder}/.git/logs`, { recursive: true });
  expect(await commitsSince("1".repeat(40), first, upstream.folder)).toBeUndefined();
});
