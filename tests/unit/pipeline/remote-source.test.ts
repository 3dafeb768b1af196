import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

import { PrerequisiteError, UsageError } from "../../../pipeline/errors.ts";
import { resolveCommit } from "../../../pipeline/git.ts";
import { fetched, isRemote } from "../../../pipeline/remote-source.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { emptyRepository, type Repository } from "./repository.ts";

const signal = AbortSignal.timeout(60_000);
let repository: Repository;
let url: string;

beforeAll(async () => {
  repository = await emptyRepository();
  url = pathToFileURL(repository.folder).href;
});
afterAll(() => repository.remove());

test.each(["https://git.example.org/shop.git", "ssh://git@host/shop", "git@host:shop.git", "file:///srv/shop"])(
  "%s is elsewhere",
  (source) => {
    expect(isRemote(source)).toBe(true);
  },
);

test.each(["../shop", "/srv/shop", "shop", "ext::sh -c id", "--upload-pack=id", "-x@host:a", "C:/shop"])(
  "%s is a folder",
  (source) => {
    expect(isRemote(source)).toBe(false);
  },
);

test("what is there comes, and then what is new, moved and gone", async () => {
  const first = await repository.commit({ a: "1" });
  await repository.git("branch", "gone");
  const root = await temporaryFolder();
  const folder = await fetched(url, signal, root);
  expect(await resolveCommit("HEAD", folder)).toBe(first);
  await repository.git("branch", "-D", "gone");
  await repository.git("commit", "--amend", "--message=another", "--quiet");
  expect(await fetched(url, signal, root)).toBe(folder);
  expect(await resolveCommit("main", folder)).toBe(await resolveCommit("HEAD", repository.folder));
  await expect(resolveCommit("gone", folder)).rejects.toThrow(UsageError);
});

test("one that is not there is told, with git's reason", async () => {
  const failing = fetched(`${url}-not-there`, signal, await temporaryFolder());
  await expect(failing).rejects.toThrow(PrerequisiteError);
  await expect(failing).rejects.toThrow(/cannot be fetched: .+/);
});

test("a password in the address is refused, and not repeated", async () => {
  const failing = fetched("https://ann:s3cret@git.example.org/shop.git", signal, await temporaryFolder());
  await expect(failing).rejects.toThrow(UsageError);
  await expect(failing).rejects.not.toThrow(/s3cret/);
});
