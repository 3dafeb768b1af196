import { execa } from "execa";

import type { Role } from "../../dashboard/access/users.ts";
import type { Clone } from "./clone.ts";

export const password = "correct horse battery";

/** The dashboard of a clone, as its users run it. */
export class Dashboard {
  readonly #clone: Clone;
  #process: ReturnType<Clone["start"]> | undefined;
  /** All that it has told. */
  told = "";
  address = "";

  constructor(clone: Clone) {
    this.#clone = clone;
  }

  /** Lets somebody log in, with the password that all have here. */
  async addUser(name: string, role: Role): Promise<void> {
    const email = `${name.toLowerCase()}@example.org`;
    const args = ["dashboard", "user", "add", name, "--role", role, "--email", email];
    await execa(process.execPath, ["setup/start.mjs", "cli/main.ts", ...args], {
      cwd: this.#clone.root,
      env: { CI: "true", ...this.#clone.env },
      input: `${password}\n`,
    });
  }

  /** Starts it, where it was before if it was started before. */
  async start(): Promise<void> {
    const port = this.address ? new URL(this.address).port : "0";
    const started = this.#clone.start(["dashboard", "--port", port]);
    this.#process = started;
    this.address = await new Promise<string>((resolve, reject) => {
      started.stderr?.on("data", (chunk: Buffer) => {
        this.told += String(chunk);
        const [, address] = /answers at (\S+)/.exec(String(chunk)) ?? [];
        if (address) resolve(address);
      });
      started.then(() => reject(new Error(`The dashboard ended:\n${this.told}`)), reject);
    });
  }

  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#process;
    this.#process = undefined;
  }
}
