import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

import { addressOf, isLocal } from "./address.ts";
import { authorized } from "./authorization.ts";
import { RegistryError } from "./errors.ts";
import { reach } from "./reach.ts";

export { RegistryError } from "./errors.ts";

/** What stands for a content in a registry, as the OCI image specification has it. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Record<string, string>;
}

/** A manifest, or an index of manifests. */
export interface Manifest {
  descriptor: Descriptor;
  content: Record<string, unknown>;
}

export const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
} as const;

const accepted = [
  mediaTypes.index,
  "application/vnd.docker.distribution.manifest.list.v2+json",
  mediaTypes.manifest,
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** What registries allow a manifest to be at most, in bytes. */
const manifestLimit = 4 * 1024 * 1024;

export const digestOfBytes = (bytes: Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

type Bytes = Uint8Array<ArrayBuffer>;

interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: Bytes;
}

/** What an address is about: a repository, the list of them, or nothing but the registry. */
const subjectOf = ({ pathname }: URL): string =>
  /^\/v2\/(.+?)\/(?:manifests|blobs|tags|referrers)\//.exec(pathname)?.[1] ??
  (pathname === "/v2/_catalog" ? "the list of repositories" : "");

/** How long what passes by itself is waited for, and how often it is asked again, in milliseconds. */
const patient = { heldOff: 600_000, halfWritten: 2_000, look: 250 } as const;

/**
 * How long it may be worth while to ask again. A registry takes no writes while its garbage is collected or it is read-only for some other
 * maintenance. And Distribution writes a tag's file in place: whoever reads it just then finds it empty, and is told of a fault; it reads
 * all of them to remove a manifest.
 */
function worthWhile(method: string, status: number): number {
  if (status === 500) return ["GET", "HEAD", "DELETE"].includes(method) ? patient.halfWritten : 0;
  if (method === "GET" || method === "HEAD") return 0;
  return status === 503 || (status === 405 && method !== "DELETE") ? patient.heldOff : 0;
}

/** Reads a body that may be too large, and no more of it than is allowed. */
async function bounded(response: Response, limit: number, what: string): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > limit) throw new RegistryError(`${what} is larger than ${limit} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof RegistryError ? cause : new RegistryError(`${what} is cut short`, { cause });
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const refusal = z.object({ errors: z.array(z.object({ code: z.string().regex(/^[A-Z_]{1,40}$/) })).max(10) });

/** The codes by which a registry says what it has against a request, such as `MANIFEST_BLOB_UNKNOWN`; none where it gives none. */
async function codesIn(response: Response): Promise<string[]> {
  try {
    const bytes = await bounded(response, 64 * 1024, "a refusal");
    return [...new Set(refusal.parse(JSON.parse(Buffer.from(bytes).toString())).errors.map(({ code }) => code))];
  } catch {
    return [];
  }
}

/** A repository with a tag or a digest in it, as people write it. */
const called = (repository: string, reference: string): string =>
  `${repository}${reference.includes(":") ? "@" : ":"}${reference}`;

/** A registry that is spoken to by the OCI distribution API, version 1.1. */
export class Registry {
  /** Where it is: `host:port`, or `host:port/path` where repositories are not at its top. */
  readonly host: string;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #signal: AbortSignal | undefined;
  readonly #patience: number;

  /**
   * @param host `host:port`, or `host:port/path` where repositories are not at its top
   * @param patience how long an answer may take, in milliseconds
   */
  constructor(host: string, { signal, patience = 10_000 }: { signal?: AbortSignal; patience?: number } = {}) {
    const address = addressOf(host);
    this.host = host;
    this.#origin = `${isLocal(address.host) ? "http" : "https"}://${address.host}`;
    this.#prefix = address.prefix;
    this.#signal = signal;
    this.#patience = patience;
  }

  /**
   * Asks, and again while the registry cannot answer for a reason that passes by itself.
   * @throws RegistryError when the registry does not answer in time
   */
  async ask(path: string, asked: Ask = {}): Promise<Response> {
    const started = performance.now();
    for (;;) {
      const response = await this.#askOnce(path, asked);
      const limit = worthWhile(asked.method ?? "GET", response.status);
      if (performance.now() - started >= limit) return response;
      await response.body?.cancel();
      await sleep(patient.look, undefined, this.#signal ? { signal: this.#signal } : {});
    }
  }

  /** Where a path is: below where the repositories are, unless it begins with a slash or is an address. */
  #urlOf(path: string): URL {
    const below = this.#prefix === "" || path === "" || path.startsWith("_") ? "" : `${this.#prefix}/`;
    return new URL(/^(\/|https?:)/.test(path) ? path : below + path, `${this.#origin}/v2/`);
  }

  async #askOnce(path: string, { method = "GET", headers = {}, body }: Ask): Promise<Response> {
    const url = this.#urlOf(path);
    const late = AbortSignal.timeout(this.#patience);
    const signal = this.#signal ? AbortSignal.any([this.#signal, late]) : late;
    const { host } = addressOf(this.host);
    const send = (authorization?: string): Promise<Response> =>
      reach(host, url, {
        method,
        headers: authorization ? { ...headers, authorization } : headers,
        signal,
        ...(body ? { body } : {}),
      });
    // Uploads may be somewhere else, where whoever has the address may write.
    if (url.origin !== this.#origin) return send();
    return authorized({ host, about: subjectOf(url), method }, signal, send);
  }

  async #unexpected(response: Response, what: string): Promise<RegistryError> {
    const { status } = response;
    const codes = await codesIn(response);
    const said = codes.length > 0 ? ` (${codes.join(", ")})` : "";
    return new RegistryError(`The registry at ${this.host} answered ${status}${said} for ${what}`, { status });
  }

  /** The digest that a tag has; undefined when there is no such tag. */
  async digestOf(repository: string, tag: string): Promise<string | undefined> {
    const headers = { accept: accepted };
    const response = await this.ask(`${repository}/manifests/${tag}`, { method: "HEAD", headers });
    if (response.status === 404) return undefined;
    if (!response.ok) throw await this.#unexpected(response, `${repository}:${tag}`);
    return response.headers.get("docker-content-digest") ?? undefined;
  }

  /**
   * A manifest or an index by tag or digest; undefined when it is not there.
   * @throws RegistryError when it is too large, no JSON, or not what its digest says
   */
  async manifest(repository: string, reference: string): Promise<Manifest | undefined> {
    const what = called(repository, reference);
    const response = await this.ask(`${repository}/manifests/${reference}`, { headers: { accept: accepted } });
    if (response.status === 404) return undefined;
    if (!response.ok) throw await this.#unexpected(response, what);
    const { bytes, ...descriptor } = await this.#manifestIn(response, repository, reference);
    return { descriptor, content: this.#json(bytes, what) };
  }

  /** The bytes of a manifest that was answered with, which are what its digest says. */
  async #manifestIn(response: Response, repository: string, reference: string): Promise<Descriptor & { bytes: Bytes }> {
    const what = called(repository, reference);
    const bytes = await bounded(response, manifestLimit, what);
    const digest = digestOfBytes(bytes);
    if (reference.includes(":") && reference !== digest) throw this.#forged(what);
    const mediaType = response.headers.get("content-type") ?? mediaTypes.manifest;
    return { mediaType, digest, size: bytes.length, bytes };
  }

  #forged(what: string): RegistryError {
    return new RegistryError(`The registry at ${this.host} answered with another content than ${what}`);
  }

  #json(bytes: Bytes, what: string): Record<string, unknown> {
    try {
      return JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
    } catch {
      throw new RegistryError(`The registry at ${this.host} answered with something else than JSON for ${what}`);
    }
  }

  /**
   * Removes a manifest or an index, and every tag that it has; what is gone already stays gone.
   * @throws RegistryError when the registry does not allow it
   */
  async remove(repository: string, digest: string): Promise<void> {
    const response = await this.ask(`${repository}/manifests/${digest}`, { method: "DELETE" });
    if (!response.ok && response.status !== 404)
      throw await this.#unexpected(response, `the removal of ${repository}@${digest}`);
    await response.body?.cancel();
  }

  /**
   * Gives what has a digest one more tag.
   * @throws RegistryError when it is not there, or not whole any more
   */
  async tag(repository: string, digest: string, tag: string): Promise<void> {
    const found = await this.ask(`${repository}/manifests/${digest}`, { headers: { accept: accepted } });
    if (!found.ok) throw await this.#unexpected(found, `${repository}@${digest}`);
    const { bytes, mediaType } = await this.#manifestIn(found, repository, digest);
    const headers = { "content-type": mediaType };
    const written = await this.ask(`${repository}/manifests/${tag}`, { method: "PUT", headers, body: bytes });
    if (!written.ok) throw await this.#unexpected(written, `the tag ${tag} of ${repository}`);
    await written.body?.cancel();
  }

  /**
   * Takes a tag away from what has it, which stays. Not every registry removes a tag alone, but each removes it with what it names: so
   * it names something of its own first.
   * @throws RegistryError
   */
  async untag(repository: string, tag: string): Promise<void> {
    const annotations = { "org.opencontainers.image.ref.name": tag, "org.opencontainers.image.version": randomUUID() };
    const mark = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [], annotations };
    const { digest } = await this.putManifest(repository, mark, tag);
    await this.remove(repository, digest);
  }

  /** Writes a manifest or an index, by its digest unless a tag is given. */
  async putManifest(repository: string, manifest: { mediaType: string }, tag?: string): Promise<Descriptor> {
    const bytes = new Uint8Array(Buffer.from(JSON.stringify(manifest)));
    const digest = digestOfBytes(bytes);
    const headers = { "content-type": manifest.mediaType };
    const path = `${repository}/manifests/${tag ?? digest}`;
    const response = await this.ask(path, { method: "PUT", headers, body: bytes });
    if (!response.ok) throw await this.#unexpected(response, `a manifest of ${repository}`);
    return { mediaType: manifest.mediaType, digest, size: bytes.length };
  }

  /**
   * A content by its digest.
   * @param limit how large it may be at most, in bytes
   * @throws RegistryError when it is not there, too large, or another content
   */
  async blob(repository: string, digest: string, limit: number): Promise<Buffer> {
    const what = `${repository}@${digest}`;
    const response = await this.ask(`${repository}/blobs/${digest}`);
    if (!response.ok) throw await this.#unexpected(response, what);
    const bytes = await bounded(response, limit, what);
    if (digestOfBytes(bytes) !== digest) throw this.#forged(what);
    return Buffer.from(bytes);
  }

  /** Writes a content, unless it is there already. */
  async putBlob(repository: string, bytes: Bytes, mediaType: string): Promise<Descriptor> {
    const digest = digestOfBytes(bytes);
    const descriptor = { mediaType, digest, size: bytes.length };
    if ((await this.ask(`${repository}/blobs/${digest}`, { method: "HEAD" })).ok) return descriptor;
    const begun = await this.ask(`${repository}/blobs/uploads/`, { method: "POST" });
    const location = begun.headers.get("location");
    if (!begun.ok || location === null) throw await this.#unexpected(begun, `an upload to ${repository}`);
    const target = new URL(location, begun.url);
    target.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    const ended = await this.ask(target.href, { method: "PUT", headers, body: bytes });
    if (!ended.ok) throw await this.#unexpected(ended, `a content of ${repository}`);
    return descriptor;
  }
}
