import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import ignore from "@balena/dockerignore";

import type { Delivery } from "../settings/delivery.ts";
import { git, gitOutput } from "./git.ts";

type Image = Delivery["images"][string];

/** A file of a commit, by what git knows its content and kind by. */
interface Entry {
  path: string;
  mode: string;
  id: string;
}

/** The files of a folder of a commit, by their paths in it; those of a submodule are known by its commit. */
async function entriesOf(checkout: string, commit: string, folder: string): Promise<Entry[]> {
  const listed = await gitOutput(checkout, ["ls-tree", "-r", "-z", "--end-of-options", `${commit}:${folder}`]);
  return listed.split("\0").flatMap((line) => {
    const [, mode, id, path] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    return mode && id && path ? [{ path, mode, id }] : [];
  });
}

/** A file of a commit; undefined where there is none. */
async function textOf(checkout: string, commit: string, path: string): Promise<string | undefined> {
  const { exitCode, stdout } = await git(checkout, ["cat-file", "blob", `${commit}:${path}`]);
  return exitCode === 0 ? stdout : undefined;
}

/**
 * SHA-256 of all that a commit builds an image from: the Dockerfile, and of its context what .dockerignore lets in. Images that the
 * Dockerfile begins with, and what it downloads, are none of it.
 */
export async function inputsOf(checkout: string, commit: string, { context, dockerfile }: Image): Promise<string> {
  const folder = relative(checkout, context);
  const entries = await entriesOf(checkout, commit, folder);
  // BuildKit takes one beside the Dockerfile instead, the classic builder does not: then all of the context counts.
  const beside = await textOf(checkout, commit, relative(checkout, `${dockerfile}.dockerignore`));
  const rules = beside === undefined ? await textOf(checkout, commit, join(folder, ".dockerignore")) : undefined;
  const ignored = ignore.default({ ignorecase: false }).add(rules ?? "");
  const files = entries.filter(({ path, mode }) => mode === submodule || !ignored.ignores(path));
  const recipe = await textOf(checkout, commit, relative(checkout, dockerfile));
  const all = [1, relative(context, dockerfile), recipe, files.map(({ path, mode, id }) => [path, mode, id])];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

const submodule = "160000";
