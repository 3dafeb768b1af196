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

  /** Waits until it has told something like this; returns what that was. */
  until(wanted: Partial<Told>): Promise<Told> {
    const isIt = (one: Told): boolean => Object.entries(wanted).every(([key, value]) => one[key] === value);
    return this.#poll(JSON.stringify(wanted), () => this.told.find(isIt));
  }

  /** Waits until it has said this to people. */
  async untilSaid(text: string): Promise<void> {
    await this.#poll(text, () => this.#said.includes(text) || undefined);
  }

  async #poll<Found>(wanted: string, find: () => Found | undefined): Promise<Found> {
    const deadline = Date.now() + 180_000;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#ended || Date.now() > deadline) throw new Error(`${wanted} never came:\n${this.#said}`);
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
