import { setTimeout as sleep } from "node:timers/promises";

import type { Clone, Ended } from "./clone.ts";

/** One line that `promote watch --json` printed. */
export type Told = { type: string; commit?: string; conclusion?: string } & Record<string, unknown>;

/** A `promote watch` that runs in a clone. */
export class Watching {
  readonly #run: ReturnType<Clone["start"]>;
  #said = "";
  #printed = "";
  #ended = false;

  constructor(clone: Clone, args: string[], env: Record<string, string> = {}) {
    this.#run = clone.start(["watch", "--interval", "1", "--json", ...args], env);
    this.#run.stdout?.on("data", (chunk: Buffer) => {
      this.#printed += chunk.toString();
    });
    this.#run.stderr?.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
    this.#run.nodeChildProcess.once("exit", () => {
      this.#ended = true;
    });
  }

  /** All that it told so far. */
  get told(): Told[] {
    const whole = this.#printed.slice(0, this.#printed.lastIndexOf("\n") + 1);
    const lines = whole.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as Told);
  }

  /** Waits until it has told something like this, after the first `from` lines; returns what that was. */
  async until(wanted: Partial<Told>, from = 0): Promise<Told> {
    const isIt = (one: Told): boolean => Object.entries(wanted).every(([key, value]) => one[key] === value);
    const deadline = Date.now() + 180_000;
    for (;;) {
      const found = this.told.slice(from).find(isIt);
      if (found) return found;
      if (this.#ended || Date.now() > deadline) throw new Error(`${JSON.stringify(wanted)} never came:\n${this.#said}`);
      await sleep(100);
    }
  }

  /** Asks it to stop, and waits until it has. */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<Ended> {
    if (!this.#ended) this.#run.kill(signal);
    const { exitCode, stdout, stderr } = await this.#run;
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }
}
