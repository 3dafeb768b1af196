import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";

import { RegistryError } from "./errors.ts";

/** How somebody logs in to a registry: by name and password, or by a token that a login came to. */
export type Login = { username: string; password: string } | { username: string; identityToken: string };

const entry = z.object({
  auth: z.string().optional(),
  identitytoken: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
});
const schema = z.object({
  auths: z.record(z.string(), entry.nullable()).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
});
type DockerConfig = z.output<typeof schema>;

const told = z.object({ Username: z.string(), Secret: z.string() });

/** A helper that answers nothing is waiting for somebody who is not there. */
const helperSeconds = 30;

/** The file in which `docker login` notes logins, and which the docker command reads them from. */
export const dockerConfigFile = (own: NodeJS.ProcessEnv = process.env): string =>
  join(own.DOCKER_CONFIG || join(homedir(), ".docker"), "config.json");

async function readConfig(file: string): Promise<DockerConfig | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new RegistryError(`Logins cannot be read from ${file}: ${error.code}`);
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // What it says may be a secret, so it is not shown.
    throw new RegistryError(`Logins cannot be read from ${file}: it is not what docker login writes`);
  }
}

/** A registry as the file may name it, by its host alone: older logins have a scheme and a path. */
const hostOfKey = (key: string): string => key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

const fromSecret = (username: string, secret: string): Login =>
  username === "<token>" ? { username, identityToken: secret } : { username, password: secret };

/** Asks a credential helper; the host goes in by standard input, and the login comes by standard output. */
async function askHelper(helper: string, host: string, file: string): Promise<Login | undefined> {
  const program = `docker-credential-${helper}`;
  const failed = (why: string): RegistryError =>
    new RegistryError(`${program}, which ${file} names for ${host}, ${why}`, {
      next: `echo ${host} | ${program} get (shows what it says)`,
    });
  if (!/^[\w.-]+$/.test(helper)) throw failed("is not the name of a program");
  const { exitCode, stdout, timedOut, code } = await execa(program, ["get"], {
    input: host,
    reject: false,
    timeout: helperSeconds * 1_000,
  });
  if (timedOut) throw failed(`did not answer within ${helperSeconds} s`);
  if (exitCode === undefined) throw failed(code === "ENOENT" ? "is not installed" : "cannot be run");
  if (exitCode !== 0 && /credentials not found/i.test(stdout)) return undefined;
  if (exitCode !== 0) throw failed(`ended with ${exitCode}`);
  try {
    const { Username, Secret } = told.parse(JSON.parse(stdout));
    return fromSecret(Username, Secret);
  } catch {
    throw failed("answered with something else than a login");
  }
}

function fromEntry(given: z.output<typeof entry>): Login | undefined {
  const [, username = "", password = ""] = /^([^:]*):(.*)$/s.exec(
    Buffer.from(given.auth ?? "", "base64").toString(),
  ) ?? ["", given.username, given.password];
  if (given.identitytoken) return { username, identityToken: given.identitytoken };
  return username ? { username, password: password.replace(/\0+$/, "") } : undefined;
}

/**
 * The login for a registry that `docker login` noted, read as the docker command reads it: from a credential helper where there is one.
 * @param host `host[:port]`
 * @returns undefined where there is none
 * @throws RegistryError when the file cannot be read, or a helper does not answer
 */
export async function loginFor(host: string, file: string = dockerConfigFile()): Promise<Login | undefined> {
  const config = await readConfig(file);
  if (!config) return undefined;
  const helper = config.credHelpers[host] ?? config.credsStore;
  if (helper) return askHelper(helper, host, file);
  const key = Object.keys(config.auths).find((one) => hostOfKey(one) === host);
  return key === undefined ? undefined : fromEntry(config.auths[key] ?? {});
}
