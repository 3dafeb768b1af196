import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";

import type { TrustedKey } from "../../evidence/trust.ts";
import { buildImages } from "../../pipeline/images.ts";
import { LogFile } from "../../pipeline/log-file.ts";
import { Registry } from "../../registry/client.ts";
import type { Delivery } from "../../settings/delivery.ts";
import { projectRoot } from "../../settings/project.ts";
import { docker } from "./engine.ts";

/** What stands for some inputs. */
export const inputsHash = (inputs: string): string => createHash("sha256").update(inputs).digest("hex");

const dockerfile = "FROM scratch\nCOPY shared /shared\nCOPY own /own\n";

/** A registry of the default's own image in a container of its own, and releases in it. */
export class RegistryContainer {
  readonly container: string;
  readonly host: string;
  readonly registry: Registry;
  readonly #folder: string;

  private constructor(container: string, host: string, folder: string) {
    this.container = container;
    this.host = host;
    this.registry = new Registry(host);
    this.#folder = folder;
  }

  static async start(): Promise<RegistryContainer> {
    const [image = ""] = await docker("build", "--quiet", "--force-rm", join(projectRoot, "images", "registry"));
    const [id = ""] = await docker("run", "--detach", "--publish", "127.0.0.1::5000", image);
    const [host = ""] = await docker("port", id, "5000/tcp");
    const started = new RegistryContainer(id, host, await mkdtemp(join(tmpdir(), "slipway-registry-")));
    await writeFile(join(started.#folder, "shared"), randomBytes(500_000));
    const answers = () => started.registry.ask("").then(({ ok }) => ok || Promise.reject(new Error("not yet")));
    await vi.waitFor(answers, { timeout: 20_000, interval: 50 });
    return started;
  }

  /**
   * Builds and pushes a commit's release as step 3 does: a layer of its own and one that all of them have.
   * @param inputs what it is built from, as that is known from other commits' builds; of its own by default
   * @param keys whose word counts for what was built from the same inputs
   * @returns its image by digest
   */
  async build(
    commit: string,
    { bytes = 1_000_000, inputs = commit, keys = [] }: { bytes?: number; inputs?: string; keys?: TrustedKey[] } = {},
  ): Promise<string> {
    const context = await mkdtemp(join(this.#folder, "checkout-"));
    await copyFile(join(this.#folder, "shared"), join(context, "shared"));
    await writeFile(join(context, "own"), randomBytes(bytes));
    await writeFile(join(context, "Dockerfile"), dockerfile);
    const delivery = { name: "demo", images: { app: { context, dockerfile: join(context, "Dockerfile") } } };
    const log = new LogFile(join(context, "log"));
    const signal = AbortSignal.timeout(120_000);
    const job = { checkout: context, commit, registry: this.host, signal, log, detail: () => {}, keys, days: 1 };
    const what = { inputs: { app: inputsHash(inputs) }, again: false };
    try {
      return (await buildImages({ ...job, ...what, delivery: delivery as unknown as Delivery })).app?.reference ?? "";
    } finally {
      log.close();
    }
  }

  /** Everything that it has on disk, in bytes. */
  async bytes(): Promise<number> {
    const [line = ""] = await docker("exec", this.container, "du", "-sb", "/var/lib/registry");
    return Number(line.split("\t")[0]);
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", "--volumes", this.container);
    const images = await docker("images", "--format", "{{.Repository}}:{{.Tag}}");
    const own = images.filter((name) => name.startsWith(`${this.host}/`));
    if (own.length > 0) await docker("rmi", ...own);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
