import { createSecureContext } from "node:tls";
import type { Dispatcher } from "undici";

import { isLocal } from "./address.ts";
import { RegistryError } from "./errors.ts";
import { authorities } from "./trust.ts";

const untrusted = [
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
];

const reasons: Record<string, string> = {
  ENOTFOUND: "nobody knows its name",
  EAI_AGAIN: "nobody tells its address",
  ECONNREFUSED: "the connection is refused",
  ECONNRESET: "the connection is cut",
  ETIMEDOUT: "there is no connection",
  UND_ERR_CONNECT_TIMEOUT: "there is no connection",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS, which only a registry on 127.0.0.1 may do without",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS, which only a registry on 127.0.0.1 may do without",
};

function codeIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as NodeJS.ErrnoException;
  if (cause !== undefined) return codeIn(cause) ?? code;
  return code;
}

function unreachable(host: string, cause: unknown): RegistryError {
  const code = codeIn(cause) ?? "";
  if (untrusted.includes(code)) {
    const next = `Put the authority's certificate into /etc/docker/certs.d/${host}/ca.crt, here and on every node.`;
    return new RegistryError(`The certificate of the registry at ${host} is of an authority that is not known here`, {
      next,
      cause,
    });
  }
  const why = reasons[code];
  return new RegistryError(`The registry at ${host} does not answer${why ? `: ${why}` : ""}`, { cause });
}

const dispatchers = new Map<string, Promise<Dispatcher>>();

async function dispatcher(host: string): Promise<Dispatcher> {
  const { Agent } = await import("undici");
  return new Agent({ connect: { secureContext: createSecureContext({ ca: await authorities(host) }) } });
}

/**
 * Sends a request to a registry, or to what it refers to, with TLS by those whom docker believes about it.
 * @param host whose authorities count
 * @throws RegistryError saying why there is no answer
 */
export async function reach(host: string, url: URL, init: RequestInit): Promise<Response> {
  try {
    if (isLocal(url.host)) return await fetch(url, init);
    if (!dispatchers.has(host)) dispatchers.set(host, dispatcher(host));
    const { fetch: fetchBy } = await import("undici");
    const options = { ...init, dispatcher: await dispatchers.get(host) } as Parameters<typeof fetchBy>[1];
    return (await fetchBy(url, options)) as unknown as Response;
  } catch (cause) {
    // The next one finds the authority that somebody has added by then.
    dispatchers.delete(host);
    throw unreachable(host, cause);
  }
}
