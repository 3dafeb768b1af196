import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** An address that says of no engine how it is reached. */
export class EngineAddressError extends Error {
  override readonly name = "EngineAddressError";
}

/** What an engine's address may look like, for people. */
export const addressForms = "unix:///path/of/docker.sock, ssh://user@host, tcp://host:2376 or context:NAME";

/** How an engine is reached. */
export type Reach =
  | { by: "unix"; socket: string }
  | { by: "ssh"; host: string; user?: string; port?: string }
  /** The certificates lie in a folder, as docker wants them: ca.pem, cert.pem and key.pem. */
  | { by: "tls"; host: string; port: string; certificates: string };

const dockerFolder = (env: NodeJS.ProcessEnv): string => env.DOCKER_CONFIG ?? join(homedir(), ".docker");

const atHome = (folder: string): string => folder.replace(/^~(?=\/|$)/, homedir());

function parsed(address: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    throw new EngineAddressError(`"${address}" is no address of an engine: expected ${addressForms}`, { cause });
  }
}

const plainHost = /^(?:[a-z0-9_][\w.-]*|\[[0-9a-f:.]+\])$/i;
const plainUser = /^[a-z0-9_][\w.-]*$/i;

/** Refuses what an address has no place for, such as a password, and what ssh could take for an option. */
function assertPlain(address: string, { hostname, username, password, pathname, hash }: URL): void {
  const known = plainHost.test(hostname) && (username === "" || plainUser.test(username));
  if (known && password === "" && ["", "/"].includes(pathname) && hash === "") return;
  throw new EngineAddressError(
    `"${password ? `${hostname}, with a password` : address}" is no address of an engine: expected ${addressForms}`,
  );
}

function bySsh(address: string, url: URL): Reach {
  assertPlain(address, url);
  if (url.search) throw new EngineAddressError(`"${address}" says more than ssh://user@host:port`);
  const { hostname, username, port } = url;
  return {
    by: "ssh",
    host: hostname.replaceAll(/[[\]]/g, ""),
    ...(username ? { user: username } : {}),
    ...(port ? { port } : {}),
  };
}

function byTls(address: string, url: URL, env: NodeJS.ProcessEnv): Reach {
  assertPlain(address, url);
  const { hostname, port, searchParams } = url;
  const own = searchParams.get("certificates");
  const strange = [...searchParams.keys()].filter((key) => key !== "certificates");
  if (strange.length > 0 || port === "" || own === "") {
    throw new EngineAddressError(`"${address}" is not tcp://host:port or tcp://host:port?certificates=/a/folder`);
  }
  return {
    by: "tls",
    host: hostname.replaceAll(/[[\]]/g, ""),
    port,
    certificates: atHome(own ?? env.DOCKER_CERT_PATH ?? dockerFolder(env)),
  };
}

interface ContextFile {
  Name?: string;
  Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

const readJson = (file: string): ContextFile | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ContextFile;
  } catch {
    return undefined;
  }
};

/** A context as the docker CLI keeps it: in folders that are called by the hash of its name. */
function byContext(name: string, env: NodeJS.ProcessEnv): Reach {
  const folder = join(dockerFolder(env), "contexts");
  const hash = createHash("sha256").update(name).digest("hex");
  const endpoint = readJson(join(folder, "meta", hash, "meta.json"))?.Endpoints?.docker;
  if (!endpoint?.Host) {
    throw new EngineAddressError(`There is no docker context "${name}" here; see: docker context ls`);
  }
  if (endpoint.SkipTLSVerify) {
    throw new EngineAddressError(`The docker context "${name}" does not check whom it speaks to (skip-tls-verify)`);
  }
  const reach = reachOf(endpoint.Host, env);
  if (reach.by !== "tls") return reach;
  return { ...reach, certificates: contextCertificates(join(folder, "tls", hash, "docker"), name) };
}

function contextCertificates(folder: string, name: string): string {
  try {
    readdirSync(folder);
    return folder;
  } catch (cause) {
    throw new EngineAddressError(`The docker context "${name}" has no client certificates`, { cause });
  }
}

/**
 * How the engine at `address` is reached.
 * @throws EngineAddressError when the address is of no known form, or names a context that is not there
 */
export function reachOf(address: string, env: NodeJS.ProcessEnv = process.env): Reach {
  if (address.startsWith("unix://")) return { by: "unix", socket: address.slice("unix://".length) };
  if (address.startsWith("context:")) return byContext(address.slice("context:".length), env);
  const url = parsed(address);
  if (url.protocol === "ssh:") return bySsh(address, url);
  if (url.protocol === "tcp:") return byTls(address, url, env);
  throw new EngineAddressError(`Cannot connect to an engine at "${address}": expected ${addressForms}`);
}

/** The client certificates of an engine, as PEM. */
export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

/** @throws EngineAddressError naming the file that cannot be read */
export function readCertificates(folder: string): Certificates {
  const read = (name: string): string => {
    const file = join(folder, name);
    try {
      return readFileSync(file, "utf8");
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code === "EACCES" ? "may not be read" : "is not there";
      throw new EngineAddressError(`${file} ${why}: an engine at tcp:// is spoken to by client certificates`, {
        cause,
      });
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
