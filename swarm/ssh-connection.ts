import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

import type { Reach } from "./engine-address.ts";

type BySsh = Extract<Reach, { by: "ssh" }>;

/**
 * What is said to every ssh, whatever a person's own configuration says: nothing is asked, and a host whose key is not known is
 * not spoken to.
 */
export const sshOptions: readonly string[] = [
  "-o",
  "BatchMode=yes",
  "-o",
  "StrictHostKeyChecking=yes",
  "-o",
  "ConnectTimeout=10",
  "-o",
  "ServerAliveInterval=15",
];

/** The arguments by which ssh runs `command` on a host. The host's shell reads the command: fixed words only. */
export const sshArguments = ({ host, user, port }: BySsh, command: readonly string[]): string[] => [
  ...sshOptions,
  ...(user === undefined ? [] : ["-l", user]),
  ...(port === undefined ? [] : ["-p", port]),
  "--",
  host,
  ...command,
];

/** What ssh, or docker on the other side, said before a connection ended. */
export class SshError extends Error {
  override readonly name = "SshError";
}

const longestComplaint = 2_000;

/** One connection to the engine of a host: what `docker system dial-stdio` there makes of its standard streams. */
class SshConnection extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #complaint = "";

  constructor(reach: BySsh) {
    super({ allowHalfOpen: false });
    this.#child = spawn("ssh", sshArguments(reach, ["docker", "system", "dial-stdio"]), { stdio: "pipe" });
    const { stdin, stdout, stderr } = this.#child;
    stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stderr.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-longestComplaint);
    });
    stdin.on("error", () => {});
    this.#child.on("error", (cause) => this.destroy(new SshError(`ssh cannot be started: ${cause.message}`)));
    // Not at its exit: what it said last may not have been read yet.
    this.#child.on("close", (code) => {
      if (code === 0) this.#end();
      else this.destroy(new SshError(this.#complaint.trim() || `ssh ended with ${code}`));
    });
  }

  /** Ends what is read; nobody would learn of it who waits to use the connection for a next request. */
  #end(): void {
    this.push(null);
    if (this.listenerCount("data") === 0) this.destroy();
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#child.stdin.write(chunk)) done();
    else this.#child.stdin.once("drain", () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  // What an HTTP agent does to a socket. One that waits for its next request does not keep the process going.
  setKeepAlive = (): this => this;
  setNoDelay = (): this => this;
  setTimeout = (): this => this;
  ref = (): this => this.#hold("ref");
  unref = (): this => this.#hold("unref");

  #hold(how: "ref" | "unref"): this {
    this.#child[how]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      (stream as unknown as { ref(): void; unref(): void })[how]();
    }
    return this;
  }
}

/** A new connection to the engine of a host. */
export const openConnection = (reach: BySsh): Duplex => new SshConnection(reach);

/** How many connections wait for their next request at most. */
const kept = 4;

class SshAgent extends Agent {
  readonly #reach: BySsh;

  constructor(reach: BySsh) {
    super({ keepAlive: true, maxFreeSockets: kept });
    this.#reach = reach;
  }

  override createConnection(): Duplex {
    return openConnection(this.#reach);
  }
}

const agents = new Map<string, Agent>();

/** The agent whose connections lead to the engine of a host: one for each host, since a connection costs an SSH login. */
export function sshAgent(reach: BySsh): Agent {
  const key = JSON.stringify(reach);
  const agent = agents.get(key) ?? new SshAgent(reach);
  agents.set(key, agent);
  return agent;
}
