import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";

import { digestOfBytes, Registry, RegistryError } from "../../../registry/client.ts";
import { referrers } from "../../../registry/referrers.ts";
import { tagsOf } from "../../../registry/tags.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

async function answering(listener: RequestListener, patience = 1_000): Promise<Registry> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return new Registry(`127.0.0.1:${port}`, { patience });
}

const digest = `sha256:${"a".repeat(64)}`;

test("a content that is not what its digest says is refused, manifest or blob", async () => {
  const registry = await answering((_, response) => response.end('{"other":true}'));
  await expect(registry.manifest("demo/app", digest)).rejects.toThrow("another content than demo/app@sha256:aaaa");
  await expect(registry.blob("demo/app", digest, 100)).rejects.toThrow("another content than demo/app@sha256:aaaa");
});

test("a content is read no further than it may be large", async () => {
  let sent = 0;
  const registry = await answering((_, response) => {
    const more = (): void => {
      while (!response.destroyed && sent < 1e9 && response.write(Buffer.alloc(65_536))) sent += 65_536;
    };
    response.on("drain", more);
    more();
  });
  await expect(registry.manifest("demo/app", digest)).rejects.toThrow("larger than 4194304 bytes");
  await expect(registry.blob("demo/app", digest, 1_000)).rejects.toThrow("larger than 1000 bytes");
  expect(sent).toBeLessThan(1e8);
});

test("one that does not answer in time is given up", async () => {
  const registry = await answering(() => {}, 100);
  await expect(registry.digestOf("demo/app", "latest")).rejects.toThrow(/does not answer$/);
  server?.closeAllConnections();
});

test("an answer that is cut short, or no JSON, is an error of the registry", async () => {
  const text = "{ no JSON";
  const registry = await answering((request, response) => {
    if (request.url?.includes("/blobs/")) response.writeHead(200, { "content-length": "500" }).write("half");
    else response.end(text);
    if (request.url?.includes("/blobs/")) setTimeout(() => response.destroy(), 20);
  });
  await expect(registry.manifest("demo/app", digestOfBytes(Buffer.from(text)))).rejects.toThrow(
    "something else than JSON",
  );
  await expect(registry.blob("demo/app", digest, 1_000)).rejects.toBeInstanceOf(RegistryError);
});

test("an error is told with its status, and 404 is no error where something is looked for", async () => {
  const registry = await answering((request, response) => {
    response.statusCode = request.url?.includes("gone") ? 404 : 503;
    response.end();
  });
  expect(await registry.digestOf("demo/app", "gone")).toBeUndefined();
  expect(await registry.manifest("demo/app", "gone")).toBeUndefined();
  await expect(registry.digestOf("demo/app", "latest")).rejects.toThrow("answered 503 for demo/app:latest");
});

test.each([
  [
    '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"\\u001b[31mgone"}]}',
    "answered 400 (MANIFEST_BLOB_UNKNOWN) for a manifest",
  ],
  ['{"errors":[{"code":"\\u001b[31mred"}]}', "answered 400 for a manifest"],
  ["<html>", "answered 400 for a manifest"],
])("what a registry has against a manifest is told by its code, and by nothing else: %s", async (body, said) => {
  const registry = await answering((_, response) => response.writeHead(400).end(body));
  const manifest = { mediaType: "application/vnd.oci.image.index.v1+json" };
  await expect(registry.putManifest("demo/app", manifest)).rejects.toThrow(said);
});

test("what refers to a digest is read from the endpoint where there is one, and from the tag besides", async () => {
  const entry = (character: string) => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${character.repeat(64)}`,
    size: 3,
  });
  const registry = await answering((request, response) => {
    const manifests = request.url?.includes("/referrers/") ? [entry("1"), entry("2")] : [entry("2"), entry("3")];
    response.setHeader("content-type", "application/vnd.oci.image.index.v1+json");
    response.end(JSON.stringify({ schemaVersion: 2, manifests }));
  });
  expect((await referrers(registry, "demo/app", digest)).map((one) => one.digest[7])).toEqual(["1", "2", "3"]);
});

test("a list that is none counts as empty", async () => {
  const registry = await answering((request, response) => {
    if (request.url?.includes("/referrers/")) response.statusCode = 404;
    response.end('{"manifests":"many"}');
  });
  expect(await referrers(registry, "demo/app", digest)).toEqual([]);
});

test("tags are read page after page; there are none where there is no repository", async () => {
  const registry = await answering((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://any");
    if (pathname.includes("/gone/")) response.statusCode = 404;
    const last = searchParams.get("last");
    if (!last) response.setHeader("link", '</v2/demo/app/tags/list?last=b>; rel="next"');
    response.end(JSON.stringify({ name: "demo/app", tags: last ? ["c"] : ["a", "b"] }));
  });
  expect(await tagsOf(registry, "demo/app")).toEqual(["a", "b", "c"]);
  expect(await tagsOf(registry, "demo/gone")).toEqual([]);
});

test("a list of tags that is none is an error of the registry, and one without an end is not followed for ever", async () => {
  let asked = 0;
  const registry = await answering((request, response) => {
    asked++;
    const endless = request.url?.includes("/endless/");
    if (endless) response.setHeader("link", '</v2/demo/endless/tags/list>; rel="next"');
    response.end(endless ? '{"tags":["a"]}' : '{"tags":"many"}');
  });
  await expect(tagsOf(registry, "demo/app")).rejects.toBeInstanceOf(RegistryError);
  expect(await tagsOf(registry, "demo/endless")).toHaveLength(asked - 1);
});
