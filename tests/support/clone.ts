import { createHash, generateKeyPairSync, randomInt } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { execa } from "execa";
import { parseDocument } from "yaml";

import { portIsFree } from "../../pipeline/preflight.ts";
import { environments } from "../../settings/environment.ts";
import { projectRoot } from "../../settings/project.ts";
import { removeAllOf, subnets } from "./engine.ts";
import { lives } from "./lives.ts";

/** How a command of the program under test ended. */
export interface Ended {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

const ended = ({
  exitCode,
  stdout,
  stderr,
}: {
  exitCode?: number | undefined;
  stdout?: unknown;
  stderr?: unknown;
}) => ({
  exitCode,
  stdout: String(stdout),
  stderr: String(stderr),
});

/** The first of `count` neighbouring ports of 127.0.0.1 that are free. */
async function freePorts(from: number, count: number): Promise<number> {
  for (let first = from; first < from + 1_000; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, index) => portIsFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`No ${count} free ports from ${from} on`);
}

/** The first of `count` neighbouring networks of 256 addresses that no network of this machine's engine has. */
async function freeSubnets(count: number): Promise<number> {
  const taken = await subnets();
  const blocks = Math.floor(256 / count);
  const start = randomInt(blocks);
  for (let block = 0; block < blocks; block++) {
    const first = ((start + block) % blocks) * count;
    const wanted = Array.from({ length: count }, (_, index) => `10.214.${first + index}.0/24`);
    if (!wanted.some((subnet) => taken.includes(subnet))) return first;
  }
  throw new Error(`No ${count} free networks in 10.214.0.0/16`);
}

/** Where a clone notes whose it is: in git's own folder, so that the work tree stays clean. */
const ownerFile = (root: string): string => join(root, ".git", "slipway-test-process");

/** The backend that a clone and another one share: in git's folder, too. */
const sharedBackend = (root: string): string => pathToFileURL(join(root, ".git", "shared-backend")).href;

/** A test that was killed could not remove what it had made; the next one does. */
async function removeAbandoned(prefix: string): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  for (const root of names.map((name) => join(tmpdir(), name))) {
    const owner = Number(await readFile(ownerFile(root), "utf8").catch(() => "0"));
    if (owner > 0 && lives(owner)) continue;
    // As settings/project.ts names a clone.
    for (const named of [root, sharedBackend(root)]) {
      await removeAllOf(createHash("sha256").update(named).digest("hex").slice(0, 6));
    }
    await rm(root, { recursive: true, force: true });
  }
}

async function emptyFolder(name: string): Promise<string> {
  const prefix = `slipway-${name}-`;
  await removeAbandoned(prefix);
  return mkdtemp(join(tmpdir(), prefix));
}

/** Runs what follows a name on a machine that has this name. */
const onMachine = ["unshare", "--uts", "sh", "-c", 'hostname -- "$0" && exec "$@"'];

/** A clone of the project of its own, with ports and networks of its own, that the program is run in for real. */
export class Clone {
  readonly root: string;
  /** What its commands find in their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What its commands take their machine's name for; this machine's own where it is absent. */
  readonly machine: string | undefined;

  private constructor(root: string, env: Record<string, string> = {}, machine?: string) {
    this.root = root;
    this.env = env;
    this.machine = machine;
  }

  /**
   * Clones the project's HEAD into a temporary folder.
   * @param name what it is for, part of the folder's name
   */
  static async make(name: string): Promise<Clone> {
    const root = await emptyFolder(name);
    const clone = await Clone.#of(projectRoot, root, {});
    await clone.#usePortsOfItsOwn();
    return clone;
  }

  /**
   * Clones the project's HEAD into two folders that share a backend, its passphrase and the key that signs, as two machines would:
   * the second one is a clone of the first. Root's commands run on machines of two names, too, so that neither can look for the other's
   * processes.
   */
  static async makeTwo(name: string): Promise<[Clone, Clone]> {
    const root = await emptyFolder(name);
    const backend = sharedBackend(root);
    const { privateKey } = generateKeyPairSync("ed25519");
    const env = {
      PULUMI_BACKEND_URL: backend,
      PULUMI_CONFIG_PASSPHRASE: "of two",
      SLIPWAY_SIGNING_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    };
    const [one, other] = process.getuid?.() === 0 ? ["first-machine", "second-machine"] : [];
    const first = await Clone.#of(projectRoot, root, env, one);
    await mkdir(fileURLToPath(backend));
    await first.#usePortsOfItsOwn();
    return [first, await Clone.#of(root, await emptyFolder(`${name}-second`), env, other)];
  }

  static async #of(source: string, root: string, env: Record<string, string>, machine?: string): Promise<Clone> {
    const clone = new Clone(root, env, machine);
    await execa("git", ["clone", "--quiet", "--no-hardlinks", source, root]);
    await writeFile(ownerFile(root), String(process.pid));
    await clone.git("config", "user.name", "System Test");
    await clone.git("config", "user.email", "system-test@localhost");
    return clone;
  }

  async #usePortsOfItsOwn(): Promise<void> {
    // Somewhere at random, since two clones that begin at once see the same ports as free.
    const first = await freePorts(21_000 + 20 * randomInt(300), 20);
    const subnet = await freeSubnets(environments.length);
    for (const [index, environment] of environments.entries()) {
      await this.set(environment, "port", first + index * 3);
      await this.set(environment, "tlsPort", first + 10 + index * 3);
      await this.set(environment, "subnet", `10.214.${subnet + index}.0/24`);
    }
    await this.set("delivery", "registryPort", first + 9);
    await this.commit("Use ports of its own");
  }

  /** Changes one configuration value in Pulumi.STACK.yaml of the work tree; undefined takes it out. */
  async set(stack: string, key: string, value: unknown): Promise<void> {
    const file = join(this.root, `Pulumi.${stack}.yaml`);
    const document = parseDocument(await readFile(file, "utf8"));
    const path = ["config", `slipway:${key}`];
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
    await writeFile(file, document.toString());
  }

  /** One configuration value of Pulumi.STACK.yaml. */
  async get(stack: string, key: string): Promise<unknown> {
    const document = parseDocument(await readFile(join(this.root, `Pulumi.${stack}.yaml`), "utf8"));
    return document.getIn(["config", `slipway:${key}`]);
  }

  /** Replaces text in a file of the work tree; fails when it is not there. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.root, file);
    const text = await readFile(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
  }

  /** Writes a file of the work tree. */
  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.root, file), text);
  }

  /** Commits all of the work tree; returns the commit's id. */
  async commit(message: string): Promise<string> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--all", "--message", message);
    return (await this.git("rev-parse", "HEAD")).stdout;
  }

  async git(...args: string[]): Promise<Ended> {
    return ended(await execa("git", args, { cwd: this.root, reject: false }));
  }

  /** Starts `promote` in the clone, as `npm run promote` does, without a terminal. */
  start(args: string[], env: Record<string, string> = {}) {
    const command = [process.execPath, "setup/start.mjs", "cli/main.ts", ...args];
    const called = this.machine ? [...onMachine, this.machine, ...command] : command;
    const options = {
      cwd: this.root,
      reject: false,
      stdin: "ignore",
      env: { CI: "true", ...this.env, ...env },
    } as const;
    return execa(called[0] as string, called.slice(1), options);
  }

  /** Runs `promote` in the clone to its end. */
  async promote(...args: string[]): Promise<Ended> {
    return ended(await this.start(args));
  }

  /** Runs `promote` with environment variables of its own to its end. */
  async promoteWith(env: Record<string, string>, ...args: string[]): Promise<Ended> {
    return ended(await this.start(args, env));
  }

  /** Runs `pulumi` as a person would after `eval "$(promote env)"`. */
  pulumi(...args: string[]): Promise<Ended> {
    return this.pulumiWith({}, ...args);
  }

  /** Runs `pulumi` like that, with environment variables of its own. */
  async pulumiWith(own: Record<string, string>, ...args: string[]): Promise<Ended> {
    const { stdout } = await this.promoteWith(own, "env", "--json");
    const env = { ...own, ...(JSON.parse(stdout) as Record<string, string>) };
    return ended(await execa("pulumi", args, { cwd: this.root, env, reject: false, stdin: "ignore" }));
  }

  /** What marks this clone's containers, networks and volumes on the engine: the value of label `slipway.instance`. */
  async instance(): Promise<string> {
    const script = 'import("./settings/project.ts").then(({ instance }) => process.stdout.write(instance))';
    return (await execa(process.execPath, ["--eval", script], { cwd: this.root, env: this.env })).stdout;
  }

  /** Removes what was made, with environment variables of its own where it was made with some, and the clone itself. */
  async remove(env: Record<string, string> = {}): Promise<void> {
    const { exitCode, stderr } = await this.promoteWith(env, "destroy", "--yes");
    await rm(this.root, { recursive: true, force: true });
    if (exitCode !== 0) throw new Error(`destroy ended with ${exitCode}:\n${stderr}`);
  }
}
