import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { z } from "zod";

import { UsageError } from "../errors.ts";
import { type CommitStatus, context } from "./state.ts";

/** How many commits the file tells of. */
const most = 50;

const entry = z.object({
  sha: z.string(),
  state: z.enum(["pending", "success", "failure", "error"]),
  context: z.string(),
  description: z.string(),
  updatedAt: z.string(),
});
const schema = z.object({ commits: z.array(entry) });
type Entry = z.output<typeof entry>;

async function entriesIn(path: string): Promise<Entry[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new UsageError(`${path} cannot be read: ${error.code}`, { cause: error });
  });
  if (text.trim() === "") return [];
  try {
    return schema.parse(JSON.parse(text)).commits;
  } catch {
    throw new UsageError(`${path} holds something else than commits' statuses, and would be overwritten`, {
      next: "Give --status-file another path.",
    });
  }
}

/** A JSON file with the newest status of each of the last commits, newest first. Whoever reads it never sees half of it. */
export class StatusFile {
  readonly #path: string;
  #entries: Entry[];

  private constructor(path: string, entries: Entry[]) {
    this.#path = path;
    this.#entries = entries;
  }

  /** @throws UsageError when the file cannot be written, or is somebody else's */
  static async open(path: string): Promise<StatusFile> {
    const file = new StatusFile(path, await entriesIn(path));
    await file.#write().catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${path} cannot be written: ${error.code}`, { cause: error });
    });
    return file;
  }

  async set(commit: string, status: CommitStatus): Promise<void> {
    const updatedAt = new Date().toISOString();
    const others = this.#entries.filter(({ sha }) => sha !== commit);
    this.#entries = [{ sha: commit, ...status, context, updatedAt }, ...others].slice(0, most);
    await this.#write();
  }

  /** In one piece: it is written beside its place and renamed. */
  async #write(): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.new`;
    try {
      await writeFile(temporary, `${JSON.stringify({ commits: this.#entries }, undefined, 2)}\n`);
      await rename(temporary, this.#path);
    } finally {
      await rm(temporary, { force: true });
    }
  }
}
