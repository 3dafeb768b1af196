import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";

/** Where docker looks for the authorities of a registry, those of an engine that its user runs included. */
const folders = (): string[] => ["/etc/docker/certs.d", join(homedir(), ".config", "docker", "certs.d")];

/**
 * The authorities, as PEM, that docker has been told to believe about a registry: the files `*.crt` of `certs.d/HOST`. None where it was told
 * nothing.
 */
export async function privateAuthorities(host: string): Promise<string[]> {
  for (const folder of folders().map((one) => join(one, host))) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".crt"));
    if (names.length > 0) return Promise.all(names.sort().map((name) => readFile(join(folder, name), "utf8")));
  }
  return [];
}

/** Whom a registry's certificate may be signed by, as for docker: whom this machine trusts, and whom docker does for this one. */
export const authorities = async (host: string): Promise<string[]> => [
  ...new Set([...getCACertificates("default"), ...getCACertificates("system"), ...(await privateAuthorities(host))]),
];
