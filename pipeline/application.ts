import { type Document, parseDocument } from "yaml";

import { descriptionSaid, sourceRoot } from "../settings/delivered.ts";
import { fileName } from "./description.ts";
import { git } from "./git.ts";

const lines = (text: string): string[] => text.split("\0").filter((line) => line !== "");

/** The delivery.yaml of a commit, looked for where `describedAt` looks in a checkout; undefined where there is not exactly one. */
async function describedIn(commit: string, folder: string): Promise<string | undefined> {
  const list = async (...args: string[]): Promise<string[]> =>
    lines((await git(folder, ["ls-tree", "-z", "--name-only", "--full-tree", ...args])).stdout);
  const folders = await list("-d", commit, "--");
  const found = await list(commit, "--", fileName, ...folders.map((name) => `${name}/${fileName}`));
  if (found.includes(fileName)) return fileName;
  return found.length === 1 ? found[0] : undefined;
}

/** A commit's delivery.yaml, whatever is wrong in it; undefined where there is none. */
async function documentAt(commit: string, said: string | undefined, folder: string): Promise<Document | undefined> {
  const path = said ?? (await describedIn(commit, folder));
  if (path === undefined) return undefined;
  const { stdout, exitCode } = await git(folder, ["cat-file", "blob", `${commit}:${path}`]);
  return exitCode === 0 ? (parseDocument(stdout) as Document) : undefined;
}

function nameIn(document: Document | undefined): string | undefined {
  const name: unknown = document?.get("name");
  return typeof name === "string" && /^[a-z][a-z0-9-]{0,39}$/.test(name) ? name : undefined;
}

/**
 * What a commit's delivery.yaml calls the application, even where the rest of that file is wrong; undefined when it does not say.
 * @param said where delivery.yaml is, when the person said so
 */
export const applicationAt = async (
  commit: string,
  said: string | undefined = descriptionSaid(),
  folder: string = sourceRoot(),
): Promise<string | undefined> => nameIn(await documentAt(commit, said, folder));

/** The same, and whether it has stacks of its own, being described by a stack file or a program. */
export async function applicationOf(commit: string): Promise<{ name: string | undefined; ownStacks: boolean }> {
  const document = await documentAt(commit, descriptionSaid(), sourceRoot());
  return { name: nameIn(document), ownStacks: ["stackFile", "program"].some((key) => document?.has(key)) };
}
