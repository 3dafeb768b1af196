import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { inputsOf } from "../../../pipeline/image-inputs.ts";
import { emptyRepository, type Repository } from "./repository.ts";

let repository: Repository;
let first = "";

const files = {
  "apps/web/Dockerfile": "FROM scratch\nCOPY . /\n",
  "apps/web/src/main.ts": "1",
  "apps/web/README.md": "read",
  "apps/web/.dockerignore": "**/*.md\n",
  "shared/Dockerfile": "FROM scratch\n",
};

beforeAll(async () => {
  repository = await emptyRepository();
  first = await repository.commit(files);
});
afterAll(() => repository.remove());

const inputs = (commit: string, dockerfile = "apps/web/Dockerfile", context = "apps/web"): Promise<string> => {
  const at = (path: string): string => join(repository.folder, path);
  return inputsOf(repository.folder, commit, { context: at(context), dockerfile: at(dockerfile) });
};

test.each<[string, Record<string, string>, boolean]>([
  ["a file of the context", { "apps/web/src/main.ts": "2" }, true],
  ["another file in it", { "apps/web/src/more.ts": "" }, true],
  ["its Dockerfile", { "apps/web/Dockerfile": "FROM scratch\n" }, true],
  ["what .dockerignore says", { "apps/web/.dockerignore": "" }, true],
  ["a .dockerignore of the Dockerfile's own", { "apps/web/Dockerfile.dockerignore": "" }, true],
  ["what .dockerignore keeps out", { "apps/web/README.md": "other" }, false],
  ["what is outside of it", { "shared/Dockerfile": "FROM busybox\n", "README.md": "" }, false],
  ["nothing", {}, false],
])("an image is built of other inputs when a commit changes %s: %#", async (_, changed, isOther) => {
  const commit = await repository.commit(changed);
  expect((await inputs(commit)) !== (await inputs(first))).toBe(isOther);
  await repository.git("reset", "--quiet", "--hard", first);
});

test("a Dockerfile outside of the context counts, and so does that it is another one", async () => {
  const before = await inputs(first, "shared/Dockerfile");
  expect(before).not.toBe(await inputs(first));
  const commit = await repository.commit({ "shared/Dockerfile": "FROM busybox\n" });
  expect(await inputs(commit, "shared/Dockerfile")).not.toBe(before);
  await repository.git("reset", "--quiet", "--hard", first);
});

test("the top of the repository may be the context, and what a file is allowed to do counts", async () => {
  const before = await inputs(first, "shared/Dockerfile", ".");
  await repository.git("update-index", "--chmod=+x", "apps/web/src/main.ts");
  await repository.git("commit", "--quiet", "--message=may run");
  const commit = (await repository.git("rev-parse", "HEAD")).trim();
  expect(await inputs(commit, "shared/Dockerfile", ".")).not.toBe(before);
});
