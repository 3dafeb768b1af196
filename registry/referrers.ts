import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

import { type Descriptor, digestOfBytes, type Manifest, mediaTypes, type Registry, RegistryError } from "./client.ts";
import { writeWhole } from "./writing.ts";

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

/** The digest that a tag lists what refers to; undefined when it is not such a tag. */
export const subjectOf = (tag: string): string | undefined =>
  /^sha256-[0-9a-f]{64}$/.test(tag) ? tag.replace("-", ":") : undefined;

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

const listOf = (manifests: Descriptor[]) => ({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });

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
    if (!isIn(manifests)) await registry.putManifest(repository, listOf([...manifests, artifact]), tag);
    // By chance, too, so that two do not meet for ever.
    await sleep(2 * (performance.now() - started) + 20 * attempt * Math.random());
    if (isIn(await entries())) return;
  }
  throw new RegistryError(`${tag} in ${repository} is written by others all the time`);
}

/** How a registry refuses a manifest of which it has not all parts. */
const lacksParts = (error: unknown): boolean =>
  error instanceof RegistryError && [400, 404].includes(error.status ?? 0);

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
  const write = async (): Promise<Descriptor> => {
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
    // Until it is listed nothing refers to it, so that it may be taken away like its parts.
    if (!own?.some(({ digest }) => digest === described.digest))
      await listByTag(registry, repository, subject, described);
    return described;
  };
  return writeWhole(registry, repository, write, lacksParts);
}

/**
 * Removes what is attached to a digest, and the lists of it. One at a time is attached, and each makes a longer list under the same
 * tag; what the tag listed before is not to be found by any name, but by what it must have been.
 * @param goes whether something goes; all of it by default
 * @throws RegistryError
 */
export async function detach(
  registry: Registry,
  repository: string,
  digest: string,
  goes: (attached: Descriptor) => boolean = () => true,
): Promise<void> {
  const attached = await referrers(registry, repository, digest);
  for (const one of attached.filter(goes)) await registry.remove(repository, one.digest);
  const list = await registry.manifest(repository, fallbackTag(digest));
  if (!list) return;
  const entries = listed(list);
  const stay = entries.filter((one) => !goes(one));
  if (entries.length > 0 && stay.length === entries.length) return;
  if (stay.length > 0) await registry.putManifest(repository, listOf(stay), fallbackTag(digest));
  const earlier = entries.map((_, count) => listOf(entries.slice(0, count)));
  const digests = earlier.map((one) => digestOfBytes(Buffer.from(JSON.stringify(one))));
  const now = stay.length > 0 ? digestOfBytes(Buffer.from(JSON.stringify(listOf(stay)))) : undefined;
  // The last is what the tag names, or named, so that all can be found until all are gone.
  for (const one of [...digests, list.descriptor.digest]) if (one !== now) await registry.remove(repository, one);
}
