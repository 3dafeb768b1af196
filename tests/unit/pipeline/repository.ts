import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { git, gitOutput } from "../../../pipeline/git.ts";

/** A real git repository in a temporary folder. */
export interface Repository {
  folder: string;
  git(...args: string[]): Promise<string>;
  /** Writes files and commits them; returns the commit's id. */
  commit(files: Record<string, string>): Promise<string>;
  remove(): Promise<void>;
}

const identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false"];

/** Makes an empty repository. */
export async function emptyRepository(): Promise<Repository> {
  const folder = await mkdtemp(join(tmpdir(), "repository-"));
  const run = (...args: string[]): Promise<string> => gitOutput(folder, [...identity, ...args]);
  await run("init", "--quiet", "--initial-branch=main");
  return {
    folder,
    git: run,
    async commit(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), text);
      }
      await run("add", "--all");
      await run("commit", "--quiet", "--allow-empty", "--message=a commit");
      return (await git(folder, ["rev-parse", "HEAD"])).stdout.trim();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
