import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

import { nodeCapabilities } from "../../infra/node-container.ts";
import { projectRoot } from "../../settings/project.ts";
import { docker } from "./engine.ts";
import { lives } from "./lives.ts";

const label = "slipway.ssh-host";
const image = "slipway-test/ssh-host";

/** A test that was killed could not remove its hosts; the next one does. */
async function removeAbandoned(): Promise<void> {
  const format = `{{.ID}} {{.Label "${label}"}}`;
  for (const line of await docker("ps", "--all", "--filter", `label=${label}`, "--format", format)) {
    const [id = "", owner] = line.split(" ");
    if (!lives(Number(owner))) await docker("rm", "--force", "--volumes", id);
  }
  for (const line of await docker("network", "ls", "--filter", `label=${label}`, "--format", format)) {
    const [id = "", owner] = line.split(" ");
    if (!lives(Number(owner))) await docker("network", "rm", id);
  }
}

/**
 * Hosts with a Docker Engine and sshd, in containers, and an `ssh` of the test's own on its path that knows their keys: what
 * the person who runs the test has configured for ssh is neither read nor changed.
 */
export class SshHosts {
  /** Holds the ssh configuration, the login's key and a program called ssh. */
  readonly folder: string;
  readonly #hosts: SshHost[] = [];
  readonly #networks: string[] = [];
  readonly #key: string;

  private constructor(folder: string, key: string) {
    this.folder = folder;
    this.#key = key;
  }

  static async make(): Promise<SshHosts> {
    await removeAbandoned();
    await execa(process.execPath, [join(projectRoot, "images", "build.ts"), "swarm-node"]);
    await docker("build", "--quiet", "--tag", image, join(import.meta.dirname, "ssh-host"));
    const folder = await mkdtemp(join(tmpdir(), "slipway-ssh-hosts-"));
    for (const name of ["login", "stranger"]) {
      await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", join(folder, name)]);
    }
    const hosts = new SshHosts(folder, await readFile(join(folder, "login.pub"), "utf8"));
    await hosts.logInWith("login");
    await writeFile(join(folder, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${join(folder, "config")} "$@"\n`);
    await chmod(join(folder, "ssh"), 0o755);
    return hosts;
  }

  /** What a program needs in its environment to use them. */
  get env(): { PATH: string } {
    return { PATH: `${this.folder}:${process.env.PATH}` };
  }

  /** Has ssh log in with another key from now on. */
  async logInWith(name: "login" | "stranger"): Promise<void> {
    const config = [
      `UserKnownHostsFile ${join(this.folder, "known_hosts")}`,
      "GlobalKnownHostsFile /dev/null",
      `IdentityFile ${join(this.folder, name)}`,
      "IdentitiesOnly yes",
      "IdentityAgent none",
    ];
    await writeFile(join(this.folder, "config"), `${config.join("\n")}\n`);
  }

  /** The hosts whose keys are known. */
  async know(...hosts: SshHost[]): Promise<void> {
    const lines = await Promise.all(hosts.map(async (host) => `${host.ip} ${await host.hostKey()}\n`));
    await writeFile(join(this.folder, "known_hosts"), lines.join(""));
  }

  /** Makes a network on which hosts can have addresses of their own. */
  async addNetwork(name: string, subnet: string): Promise<void> {
    await docker("network", "create", "--subnet", subnet, "--label", `${label}=${process.pid}`, name);
    this.#networks.push(name);
  }

  /** @param engine whether its engine is started */
  async add(name: string, { engine = true, network = "bridge", ip = "", env = {} } = {}): Promise<SshHost> {
    const [id = ""] = await docker(
      ...["run", "--detach", "--hostname", name, "--init", "--label", `${label}=${process.pid}`],
      ...["--network", network, ...(ip ? ["--ip", ip] : [])],
      ...nodeCapabilities.flatMap((capability) => ["--cap-add", capability]),
      ...["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
      ...["--volume", "/sys/fs/cgroup:/sys/fs/cgroup", "--volume", "/keys"],
      ...["--env", `AUTHORIZED_KEY=${this.#key.trim()}`, ...(engine ? [] : ["--env", "NO_ENGINE=1"])],
      ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
      image,
    );
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const [own = ""] = await docker("inspect", "--format", format, id);
    const host = new SshHost(id, own, name);
    this.#hosts.push(host);
    await host.ready(engine);
    return host;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.remove()));
    for (const network of this.#networks) await docker("network", "rm", network);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** One of these hosts. */
export class SshHost {
  readonly id: string;
  readonly ip: string;
  readonly name: string;

  constructor(id: string, ip: string, name: string) {
    this.id = id;
    this.ip = ip;
    this.name = name;
  }

  /** Its engine's address by SSH. */
  get ssh(): string {
    return `ssh://root@${this.ip}`;
  }

  /** Runs a command on it. */
  run(...command: string[]): Promise<string[]> {
    return docker("exec", this.id, ...command);
  }

  async hostKey(): Promise<string> {
    const [line = ""] = await this.run("cut", "--delimiter= ", "--fields=1,2", "/etc/ssh/ssh_host_ed25519_key.pub");
    return line;
  }

  async ready(engine: boolean): Promise<void> {
    const deadline = Date.now() + 60_000;
    const works = () => this.run(...(engine ? ["docker", "version"] : ["pgrep", "sshd"]));
    while (
      await works().then(
        () => false,
        () => true,
      )
    ) {
      if (Date.now() > deadline) throw new Error(`Host ${this.name} is not ready after 60 s`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Has its package sources offer a newer engine; returns the version. */
  async offerNewerEngine(): Promise<string> {
    return (await this.run("offer-newer-engine"))[0] ?? "";
  }

  /** Copies its engine's client certificates into a folder of this machine. */
  async certificates(folder: string): Promise<void> {
    for (const name of ["ca.pem", "cert.pem", "key.pem"]) {
      await writeFile(join(folder, name), `${(await this.run("cat", `/keys/${name}`)).join("\n")}\n`);
    }
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", "--volumes", this.id);
  }
}
