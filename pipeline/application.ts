import { parseDocument } from "yaml";

import { projectRoot } from "../settings/project.ts";
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

/**
 * What a commit's delivery.yaml calls the application, even where the rest of that file is wrong; undefined when it does not say.
 * @param said where delivery.yaml is, when the person said so
 */
export async function applicationAt(
  commit: string,
  said?: string,
  folder: string = projectRoot,
): Promise<string | undefined> {
  const path = said ?? (await describedIn(commit, folder));
  if (path === undefined) return undefined;
  const { stdout, exitCode } = await git(folder, ["cat-file", "blob", `${commit}:${path}`]);
  if (exitCode !== 0) return undefined;
  const name: unknown = parseDocument(stdout).get("name");
  return typeof name === "string" && /^[a-z][a-z0-9-]{0,39}$/.test(name) ? name : undefined;
}
