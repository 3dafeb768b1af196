import { type FSWatcher, watch } from "node:fs";
import { open } from "node:fs/promises";
import { resolve, sep } from "node:path";

import { plainText } from "../pipeline/plain-text.ts";
import { generated } from "../settings/project.ts";
import { soon, type Topic, type Topics } from "./topics.ts";

/** How much of a log's end is shown. */
const bytes = 32 * 1024;
const lines = 40;

/** How often a page hears of more at most, in milliseconds. */
const breath = 500;

/** The last lines of a file, safe to show; none where it cannot be read. */
export async function endOf(path: string): Promise<string[]> {
  const file = await open(path).catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = plainText(buffer.toString("utf8", 0, bytesRead));
    // The first one may be half a line.
    return text
      .split("\n")
      .slice(size > length ? 1 : 0)
      .filter((line) => line.trim() !== "")
      .slice(-lines);
  } finally {
    await file.close();
  }
}

/** The logs of steps that run, told to pages as they grow, for as long as one shows them. */
export class LogWatch {
  readonly #topics: Topics;
  /** The log that each topic is about: a run has one that grows at a time. */
  readonly #watched = new Map<Topic, { path: string; watcher: FSWatcher }>();
  readonly #folder: string;

  constructor(topics: Topics, folder: string = generated("logs")) {
    this.#topics = topics;
    this.#folder = folder + sep;
  }

  /** What a log of a commit's run ends with now; that it grows is told by the topic. */
  async end(path: string, topic: Topic): Promise<string[]> {
    if (!resolve(path).startsWith(this.#folder)) return [];
    if (this.#watched.get(topic)?.path !== path) this.#follow(path, topic);
    return endOf(path);
  }

  #follow(path: string, topic: Topic): void {
    this.#leave(topic);
    const tell = soon(() => this.#topics.tell(topic), breath);
    try {
      const watcher = watch(path, { persistent: false }, () => {
        if (this.#topics.isHeard(topic)) tell();
        else this.#leave(topic);
      });
      watcher.on("error", () => this.#leave(topic));
      this.#watched.set(topic, { path, watcher });
    } catch {
      // It is not there yet; who looks again finds it.
    }
  }

  #leave(topic: Topic): void {
    this.#watched.get(topic)?.watcher.close();
    this.#watched.delete(topic);
  }
}
