import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

import { type Descriptor, type Manifest, mediaTypes, type Registry, RegistryError } from "./client.ts";

/** What an artifact that is nothing but its layers has for a configuration, as the OCI image specification has it. */
export const emptyConfig = { mediaType: "application/vnd.oci.empty.v1+json", bytes: new Uint8Array(Buffer.from("{}")) };

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const index = z.object({ manifests: z.array(descriptor).max(10_000) });

/** The tag under which what refers to a digest is listed where the registry does not list it itself. */
const fallbackTag = (digest: string): string => digest.replace(":", "-");

const listed = (manifest: Manifest | undefined): Descriptor[] =>
  (index.safeParse(manifest?.content).data?.manifests ?? []) as Descriptor[];

/** What the registry itself lists; undefined when it has no such list. */
async function byEndpoint(registry: Registry, repository: string, digest: string): Promise<Descriptor[] | undefined> {
  const response = await registry.ask(`${repository}/referrers/${digest}`, { headers: { accept: mediaTypes.index } });
  if (!response.ok || !response.headers.get("content-type")?.startsWith(mediaTypes.index)) {
    await response.body?.cancel();
    return undefined;
  }
  return index.parse(await response.json()).manifests as Descriptor[];
}

/** All that is attached to a digest, whether the registry lists it or the fallback tag does. */
export async function referrers(registry: Registry, repository: string, digest: string): Promise<Descriptor[]> {
  const own = await byEndpoint(registry, repository, digest);
  const tagged = listed(await registry.manifest(repository, fallbackTag(digest)));
  const all = new Map([...(own ?? []), ...tagged].map((one) => [one.digest, one]));
  return [...all.values()];
}

const attempts = 12;

/**
 * Lists an artifact under the fallback tag. The tag is read, changed and written, which nothing guards: two who do it at once may
 * lose one entry. So each looks again once the other must have written, and writes theirs again where it is missing.
 */
async function listByTag(registry: Registry, repository: string, subject: string, artifact: Descriptor): Promise<void> {
  const tag = fallbackTag(subject);
  const entries = async (): Promise<Descriptor[]> => listed(await registry.manifest(repository, tag));
  const isIn = (manifests: Descriptor[]): boolean => manifests.some(({ digest }) => digest === artifact.digest);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const started = performance.now();
    const manifests = await entries();
    const all = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [...manifests, artifact] };
    if (!isIn(manifests)) await registry.putManifest(repository, all, tag);
    // By chance, too, so that two do not meet for ever.
    await sleep(2 * (performance.now() - started) + 20 * attempt * Math.random());
    if (isIn(await entries())) return;
  }
  throw new RegistryError(`${tag} in ${repository} is written by others all the time`);
}

/**
 * Attaches a content to an image, as an OCI artifact that names it as its subject.
 * @param subject the digest of the image's manifest
 * @returns what stands for the artifact
 * @throws RegistryError
 */
export async function attach(
  registry: Registry,
  repository: string,
  subject: string,
  artifact: { type: string; mediaType: string; bytes: Uint8Array<ArrayBuffer>; annotations: Record<string, string> },
): Promise<Descriptor> {
  const image = await registry.manifest(repository, subject);
  if (!image) throw new RegistryError(`${repository}@${subject} is not in the registry at ${registry.host}`);
  const config = await registry.putBlob(repository, emptyConfig.bytes, emptyConfig.mediaType);
  const layer = await registry.putBlob(repository, artifact.bytes, artifact.mediaType);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: artifact.type,
    config,
    layers: [layer],
    subject: image.descriptor,
    annotations: artifact.annotations,
  };
  const written = await registry.putManifest(repository, manifest);
  const { type: artifactType, annotations } = artifact;
  const described: Descriptor = { ...written, artifactType, annotations };
  const own = await byEndpoint(registry, repository, subject);
  if (!own?.some(({ digest }) => digest === described.digest))
    await listByTag(registry, repository, subject, described);
  return described;
}
