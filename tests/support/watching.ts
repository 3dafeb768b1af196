import { expect, vi } from "vitest";

import type { Clone, Ended } from "./clone.ts";

/** One line that `promote watch --json` printed. */
export type Told = { type: string; commit?: string; conclusion?: string } & Record<string, unknown>;

/** A `promote watch` that runs in a clone. */
export class Watching {
  readonly #run: ReturnType<Clone["start"]>;
  #said = "";
  #printed = "";

  constructor(clone: Clone, args: string[], env: Record<string, string> = {}) {
    this.#run = clone.start(["watch", "--interval", "1", "--json", ...args], env);
    this.#run.stdout?.on("data", (chunk: Buffer) => {
      this.#printed += chunk.toString();
    });
    this.#run.stderr?.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  /** All that it told so far. */
  get told(): Told[] {
    const whole = this.#printed.slice(0, this.#printed.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Told);
  }

  /** Waits until it has told something like this, and returns what that was. */
  async until(wanted: Partial<Told>): Promise<Told> {
    const isThere = () => expect(this.told, this.#said).toContainEqual(expect.objectContaining(wanted));
    await vi.waitFor(isThere, { timeout: 180_000, interval: 100 });
    return this.told.findLast((one) => Object.entries(wanted).every(([key, value]) => one[key] === value)) as Told;
  }

  /** Asks it to stop, and waits until it has. */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<Ended> {
    this.#run.kill(signal);
    const { exitCode, stdout, stderr } = await this.#run;
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }
}
