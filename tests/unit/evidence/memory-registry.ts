import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { digestOfBytes } from "../../../registry/client.ts";

interface Stored {
  type: string;
  bytes: Buffer;
}

/** A registry that holds what it is given in memory, with or without a referrers endpoint. */
export class MemoryRegistry {
  readonly blobs = new Map<string, Buffer>();
  /** By digest and by tag. */
  readonly manifests = new Map<string, Stored>();
  referrersEndpoint = false;
  /** How many requests it had. */
  asked = 0;
  /** Has the garbage collected when the next manifest is written: all contents go that no manifest refers to. */
  collectOnce = false;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Puts an image there; returns its digest. */
  image(name: string): string {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, annotations: { name } }));
    return this.#store(bytes, "application/vnd.oci.image.manifest.v1+json");
  }

  #store(bytes: Buffer, type: string, tag?: string): string {
    const digest = digestOfBytes(bytes);
    for (const key of tag ? [digest, tag] : [digest]) this.manifests.set(key, { type, bytes });
    return digest;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? "/", "http://memory");
    const [, list] = /^\/v2\/(.*)\/tags\/list$/.exec(url.pathname) ?? [];
    if (list !== undefined) return void this.#tags(response);
    const [, kind, reference = ""] = /\/(manifests|blobs|referrers)\/(.*)$/.exec(url.pathname) ?? [];
    const found = this.#take(request.method ?? "GET", String(kind), reference, { body, url, request });
    response.writeHead(found.status, found.headers);
    response.end(request.method === "HEAD" ? undefined : found.bytes);
  }

  /** There is one repository here, whatever it is called. */
  #tags(response: ServerResponse): void {
    const tags = [...this.manifests.keys()].filter((name) => !name.includes(":"));
    response.end(JSON.stringify({ name: "any", tags }));
  }

  #take(
    method: string,
    kind: string,
    reference: string,
    { body, url, request }: { body: Buffer; url: URL; request: IncomingMessage },
  ): { status: number; headers?: Record<string, string>; bytes?: Buffer } {
    if (method === "POST") return { status: 202, headers: { location: `${url.pathname}one?state=1` } };
    if (method === "PUT" && kind === "blobs") {
      this.blobs.set(String(url.searchParams.get("digest")), body);
      return { status: 201 };
    }
    if (method === "DELETE") return { status: this.#remove(reference) ? 202 : 404 };
    if (method === "PUT" && !this.#isWhole(body)) return { status: 400 };
    if (method === "PUT") {
      const tag = reference.includes(":") ? undefined : reference;
      this.#store(body, String(request.headers["content-type"]), tag);
      return { status: 201 };
    }
    if (kind === "referrers") return this.#referrers(reference);
    const blob = this.blobs.get(reference);
    const stored =
      kind === "blobs" ? blob && { type: "application/octet-stream", bytes: blob } : this.manifests.get(reference);
    if (!stored) return { status: 404 };
    const headers = { "content-type": stored.type, "docker-content-digest": digestOfBytes(stored.bytes) };
    return { status: 200, headers, bytes: stored.bytes };
  }

  /** Whether all is there that a manifest which is written refers to. */
  #isWhole(body: Buffer): boolean {
    const content = JSON.parse(body.toString());
    const parts: string[] = [content.config, ...(content.layers ?? [])].flatMap((one) => one?.digest ?? []);
    if (this.collectOnce) for (const part of parts) this.blobs.delete(part);
    this.collectOnce = false;
    return parts.every((part) => this.blobs.has(part));
  }

  #remove(digest: string): boolean {
    const names = [...this.manifests].filter(([, { bytes }]) => digestOfBytes(bytes) === digest).map(([name]) => name);
    for (const name of names) this.manifests.delete(name);
    return names.length > 0;
  }

  #referrers(subject: string): { status: number; headers?: Record<string, string>; bytes?: Buffer } {
    if (!this.referrersEndpoint) return { status: 404 };
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const manifests = [...this.manifests].flatMap(([digest, { type, bytes }]) => {
      const content = JSON.parse(bytes.toString());
      if (content.subject?.digest !== subject) return [];
      const { artifactType, annotations } = content;
      return [{ mediaType: type, digest, size: bytes.length, artifactType, annotations }];
    });
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    return { status: 200, headers: { "content-type": mediaType }, bytes };
  }
}
