import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

import { projectRoot } from "../../settings/project.ts";
import { docker } from "./engine.ts";

/** An authority of a test, which nobody believes who is not told to. */
export class Authority {
  /** Its own certificate, as PEM. */
  readonly certificate: string;
  readonly #folder: string;

  private constructor(folder: string, certificate: string) {
    this.#folder = folder;
    this.certificate = certificate;
  }

  /** @param folder where it keeps its key, and what it certifies */
  static async make(folder: string): Promise<Authority> {
    // Has openssl in it, too.
    await execa(process.execPath, [join(projectRoot, "images", "build.ts"), "registry"]);
    await openssl(folder, "authority", "/CN=an authority of a test");
    return new Authority(folder, await readFile(join(folder, "authority.crt"), "utf8"));
  }

  /** Certifies an address; what it made is in its folder as `NAME.crt` and `NAME.key`, readable by everybody. */
  async certify(name: string, address: string): Promise<{ cert: string; key: string }> {
    const signed = ["-CA", "/out/authority.crt", "-CAkey", "/out/authority.key"];
    await openssl(this.#folder, name, `/CN=${name}`, ...signed, "-addext", `subjectAltName=IP:${address}`);
    const [cert, key] = [join(this.#folder, `${name}.crt`), join(this.#folder, `${name}.key`)];
    return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
  }
}

async function openssl(folder: string, name: string, subject: string, ...more: string[]): Promise<void> {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const files = ["-keyout", `/out/${name}.key`, "-out", `/out/${name}.crt`];
  const args = ["req", "-x509", ...curve, "-nodes", "-days", "2", "-subj", subject, ...files, ...more];
  const run = ["run", "--rm", "--user", "0", "--network", "none", "--volume", `${folder}:/out`];
  await docker(...run, "--entrypoint", "openssl", "slipway/registry:latest", ...args);
  await chmod(join(folder, `${name}.key`), 0o644);
}
