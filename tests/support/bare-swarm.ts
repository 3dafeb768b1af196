import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

import { nodeCapabilities } from "../../infra/node-container.ts";
import { projectRoot } from "../../settings/project.ts";
import { answers } from "../../swarm/engine.ts";
import { docker } from "./engine.ts";
import { lives } from "./lives.ts";

/** The labels of the containers that a test makes by itself: the id of its process, and the folder of the sockets. */
const label = "slipway.bare-swarm";
const folderLabel = `${label}.folder`;

const prefix = join(tmpdir(), "slipway-bare-swarm-");
const tag = "127.0.0.1:5000/app:1";
const idle =
  'FROM slipway/registry:latest\nHEALTHCHECK NONE\nUSER root\nSTOPSIGNAL SIGKILL\nENTRYPOINT ["sleep"]\nCMD ["infinity"]\n';

/** Polls until `done`; throws `late` after `seconds`. */
export async function until(seconds: number, late: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (!(await done().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${late} after ${seconds} s`);
    await sleep(200);
  }
}

/** A test that was killed could not remove its node; the next one does. */
async function removeAbandoned(): Promise<void> {
  const format = `{{.ID}} {{.Label "${label}"}} {{.Label "${folderLabel}"}}`;
  for (const line of await docker("ps", "--all", "--filter", `label=${label}`, "--format", format)) {
    const [id = "", owner, folder = ""] = line.split(" ");
    if (lives(Number(owner))) continue;
    await docker("rm", "--force", "--volumes", id);
    if (folder.startsWith(prefix)) await rm(folder, { recursive: true, force: true });
  }
}

/** A Swarm of one node, in a container, with a registry inside it and nothing published. */
export class BareSwarm {
  /** The address of its engine. */
  readonly engine: string;
  /** An image that its node can pull, by tag and by digest: Debian, doing nothing until it is stopped. */
  readonly image: { tag: string; digest: string };
  readonly #id: string;
  readonly #sockets: string;

  private constructor(id: string, sockets: string, image: BareSwarm["image"]) {
    this.#id = id;
    this.#sockets = sockets;
    this.engine = `unix://${join(sockets, "docker.sock")}`;
    this.image = image;
  }

  static async make(): Promise<BareSwarm> {
    await removeAbandoned();
    for (const image of ["swarm-node", "registry"]) {
      await execa(process.execPath, [join(projectRoot, "images", "build.ts"), image]);
    }
    const sockets = await mkdtemp(prefix);
    const [id = ""] = await docker(
      ...["run", "--detach", "--hostname", "bare-1", "--init"],
      ...["--label", `${label}=${process.pid}`, "--label", `${folderLabel}=${sockets}`],
      ...nodeCapabilities.flatMap((capability) => ["--cap-add", capability]),
      ...["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
      ...["--volume", "/sys/fs/cgroup:/sys/fs/cgroup", "--volume", `${sockets}:/run/slipway`],
      ...["--env", `SOCKET_GID=${process.getgid?.() ?? 0}`, "slipway/swarm-node:latest"],
    );
    const swarm = new BareSwarm(id, sockets, { tag, digest: "" });
    try {
      return new BareSwarm(id, sockets, { tag, digest: await swarm.#ready() });
    } catch (error) {
      await swarm.remove();
      throw error;
    }
  }

  /** Runs the docker CLI against it. */
  docker(...args: string[]): Promise<string[]> {
    return docker("--host", this.engine, ...args);
  }

  async #ready(): Promise<string> {
    await until(60, "The engine does not answer", () => answers(this.engine));
    await this.docker("swarm", "init", "--advertise-addr", "127.0.0.1");
    const save = execa("docker", ["save", "slipway/registry:latest"], { buffer: false });
    await execa("docker", ["--host", this.engine, "load"], { stdin: save.stdout });
    await this.docker("run", "--detach", "--publish", "127.0.0.1:5000:5000", "slipway/registry:latest");
    await execa("docker", ["--host", this.engine, "build", "--quiet", "--tag", tag, "-"], { input: idle });
    await until(30, "The registry takes no image", async () => (await this.docker("push", "--quiet", tag)).length > 0);
    const [image = ""] = await this.docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", tag);
    return image;
  }

  /** Has its node's engine believe an authority about a registry. */
  async trust(host: string, pem: string): Promise<void> {
    const script = 'mkdir -p "$0" && cat >"$0/ca.crt"';
    const run = ["exec", "--interactive", this.#id, "bash", "-c", script, `/etc/docker/certs.d/${host}`];
    await execa("docker", run, { input: pem });
  }

  /** Waits until Swarm has given every network of a stack its addresses, which it does a moment after it was made. */
  async networksAre(stack: string): Promise<void> {
    const ids = await this.docker("network", "ls", "--quiet", "--filter", `label=com.docker.stack.namespace=${stack}`);
    await until(30, `The networks of ${stack} have no addresses`, async () => {
      const format = "{{len .IPAM.Config}}";
      return (await this.docker("network", "inspect", "--format", format, ...ids)).every((count) => count !== "0");
    });
  }

  /** Removes a stack and waits until nothing of it is left. */
  async removeStack(stack: string): Promise<void> {
    await this.docker("stack", "rm", stack);
    const filter = ["--quiet", "--filter", `label=com.docker.stack.namespace=${stack}`];
    await until(60, `${stack} is still there`, async () => {
      const left = [await this.docker("ps", "--all", ...filter), await this.docker("network", "ls", ...filter)];
      return left.flat().length === 0;
    });
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", "--volumes", this.#id);
    await rm(this.#sockets, { recursive: true, force: true });
  }
}
