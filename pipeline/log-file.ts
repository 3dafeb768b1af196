import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { StringDecoder } from "node:string_decoder";

import { plainText } from "./plain-text.ts";

const megabyte = 1024 * 1024;
const keptLines = 60;
const longestLine = 1_000;

/** A file that takes a command's whole output up to a limit, and remembers the last lines whatever the limit. */
export class LogFile {
  readonly path: string;
  readonly #limit: number;
  readonly #file: number;
  readonly #decoder = new StringDecoder("utf8");
  #written = 0;
  #cut = false;
  #lines: string[] = [];
  #unfinished = "";

  /** @param limit how many bytes the file may have */
  constructor(path: string, limit = 20 * megabyte) {
    mkdirSync(dirname(path), { recursive: true });
    this.path = path;
    this.#limit = limit;
    this.#file = openSync(path, "w", 0o600);
  }

  write(chunk: Buffer | string): void {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#append(bytes);
    this.#remember(this.#decoder.write(bytes));
  }

  /** Writes one line of our own. */
  note(line: string): void {
    this.write(`${line}\n`);
  }

  /** The last lines, safe to show. */
  tail(count = 20): string[] {
    const lines = this.#unfinished === "" ? this.#lines : [...this.#lines, this.#unfinished];
    return lines
      .map(plainText)
      .filter((line) => line.trim() !== "")
      .slice(-count);
  }

  close(): void {
    if (this.#cut) writeSync(this.#file, `${this.#lines.join("\n")}\n`);
    closeSync(this.#file);
  }

  #append(bytes: Buffer): void {
    if (this.#cut) return;
    const room = this.#limit - this.#written;
    this.#written += writeSync(this.#file, bytes.subarray(0, room));
    if (bytes.length <= room) return;
    this.#cut = true;
    writeSync(this.#file, `\n… more than ${this.#limit} bytes: what came next is left out, except the last lines:\n`);
  }

  #remember(text: string): void {
    const parts = (this.#unfinished + text).split("\n");
    this.#unfinished = (parts.pop() ?? "").slice(-longestLine);
    this.#lines = [...this.#lines, ...parts.slice(-keptLines).map((line) => line.slice(0, longestLine))].slice(
      -keptLines,
    );
  }
}
