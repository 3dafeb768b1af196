import type { WriteStream } from "node:tty";

const up = (lines: number): string => (lines === 0 ? "" : `\x1b[${lines}A`);
const clearDown = "\r\x1b[J";
const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";

/** The last lines of a terminal, drawn over and over, with lines that stay above them. */
export class LiveArea {
  readonly #stream: WriteStream;
  #height = 0;
  #open = true;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    stream.write(hideCursor);
  }

  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const width = (this.#stream.columns || 80) - 1;
    const cut = lines.map((line) => `${[...line].slice(0, width).join("")}\n`);
    this.#stream.write(up(this.#height) + clearDown + cut.join(""));
    this.#height = cut.length;
  }

  /** Writes lines that stay, each with its line break. */
  above(text: string): void {
    this.#stream.write(`${up(this.#height)}${clearDown}${text}`);
    this.#height = 0;
  }

  close(): void {
    if (!this.#open) return;
    this.draw([]);
    this.#open = false;
    this.#stream.write(showCursor);
  }
}
