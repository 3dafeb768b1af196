import { expect, test } from "vitest";

import { between, commitsFrom, factsOf } from "../../../pipeline/commits.ts";
import { git, gitOutput } from "../../../pipeline/git.ts";
import { temporaryFolder } from "../temporary-folder.ts";

async function repository(...subjects: string[]): Promise<{ folder: string; ids: string[] }> {
  const folder = await temporaryFolder();
  await git(folder, ["init", "--quiet"]);
  const ids: string[] = [];
  const person = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
  for (const subject of subjects) {
    await gitOutput(folder, [...person, "commit", "--quiet", "--allow-empty", "-m", subject]);
    ids.push((await gitOutput(folder, ["rev-parse", "HEAD"])).trim());
  }
  return { folder, ids };
}

test("commits are told newest first, with control characters written out", async () => {
  const { folder, ids } = await repository("one", "two \u001b[31m<b>\u202e");
  const commits = await commitsFrom("HEAD", { limit: 5, folder });
  expect(commits.map(({ commit }) => commit)).toEqual(ids.toReversed());
  expect(commits[0]).toMatchObject({ subject: "two <b>\\u202e", author: "Ann" });
  expect(await commitsFrom("HEAD", { limit: 1, folder })).toHaveLength(1);
});

test("of commits that are not known nothing is told", async () => {
  const { folder, ids } = await repository("one");
  expect(await factsOf(["f".repeat(40), ids[0] ?? "", "--all"], folder)).toMatchObject([{ subject: "one" }]);
  expect(await factsOf([], folder)).toEqual([]);
});

test("between two releases is what the one has and the other has not", async () => {
  const { folder, ids } = await repository("one", "two", "three");
  const [first = "", , third = ""] = ids;
  expect(await between(first, third, { limit: 1, folder })).toMatchObject({
    commits: [{ subject: "three" }],
    more: true,
    lost: 0,
  });
  expect(await between(third, first, { limit: 5, folder })).toEqual({ commits: [], more: false, lost: 2 });
  expect(await between("f".repeat(40), first, { limit: 5, folder })).toBeUndefined();
});
