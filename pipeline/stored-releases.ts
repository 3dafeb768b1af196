import { z } from "zod";

import { type Descriptor, type Manifest, type Registry, RegistryError } from "../registry/client.ts";
import { repositories, tags as tagsOf } from "../registry/listing.ts";
import { referrers, subjectOf } from "../registry/referrers.ts";
import { short } from "../settings/release.ts";
import { markedCommit } from "./in-use.ts";
import type { Need, StoredImage, StoredRelease } from "./retention.ts";

/** What was attached to an image that is not there any more, as a prune leaves it that was killed. */
export interface Orphan {
  repository: string;
  /** Of the image. */
  digest: string;
}

/** What a registry holds of releases. */
export interface Stored {
  releases: StoredRelease[];
  /** What was attached to each image, by its digest. */
  attached: Map<string, Descriptor[]>;
  orphans: Orphan[];
  /** The tags that people gave images of releases, which says that they want them. */
  named: Need[];
  /** The tags of each repository that has releases. */
  tags: Map<string, string[]>;
}

const index = z.object({ manifests: z.array(z.object({ digest: z.string() })).min(1) });
const image = z.object({ config: z.object({ digest: z.string() }) });
const revision = "org.opencontainers.image.revision";
const configuration = z.object({
  created: z.coerce.date().optional().catch(undefined),
  config: z.object({ Labels: z.object({ [revision]: z.string().regex(/^[0-9a-f]{40}$/) }) }),
});

const configurationLimit = 4 * 1024 * 1024;

const isCommit = (tag: string): boolean => /^[0-9a-f]{12}$/.test(tag);

/** How many are asked for at once. */
const atOnce = 8;

async function each<Item, Result>(items: readonly Item[], ask: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let first = 0; first < items.length; first += atOnce) {
    results.push(...(await Promise.all(items.slice(first, first + atOnce).map(ask))));
  }
  return results;
}

/** Asks for something that may be gone by now, or is not what it looked like. */
const ifThere = <Result>(asked: Promise<Result>): Promise<Result | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof RegistryError && error.status === 404) return undefined;
    throw error;
  });

type Labelled = z.output<typeof configuration>;

/** What an image says of itself; undefined for what is none of ours. */
async function labelled(registry: Registry, repository: string, manifest: Manifest): Promise<Labelled | undefined> {
  const config = image.safeParse(manifest.content).data?.config.digest;
  const blob = config && (await ifThere(registry.blob(repository, config, configurationLimit)));
  if (!blob) return undefined;
  try {
    return configuration.safeParse(JSON.parse(blob.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

interface Found {
  release: StoredRelease;
  attached: Descriptor[];
}

const createdAnnotation = "org.opencontainers.image.created";

/**
 * When a release was built and last used. What was attached to it says so from its build on; an image itself may bear the time of
 * an earlier build, or of none.
 */
function times(attached: readonly Descriptor[], created: Date | undefined): Pick<StoredRelease, "builtOn" | "usedOn"> {
  const at = attached
    .map(({ annotations }) => Date.parse(annotations?.[createdAnnotation] ?? ""))
    .filter(Number.isFinite);
  const all = at.length > 0 ? at : created && created.getTime() > 0 ? [created.getTime()] : [];
  return all.length > 0 ? { builtOn: new Date(Math.min(...all)), usedOn: new Date(Math.max(...all)) } : {};
}

/** The image of a release that a tag names; undefined where it names something else. */
async function releaseOf(registry: Registry, repository: string, tag: string): Promise<Found | undefined> {
  const manifest = await registry.manifest(repository, tag);
  if (!manifest) return undefined;
  const parts = index.safeParse(manifest.content).data?.manifests.map(({ digest }) => digest) ?? [];
  const candidates = [manifest, ...(await each(parts, (part) => registry.manifest(repository, part)))];
  const all = await each(
    candidates.filter((one) => one !== undefined),
    (one) => labelled(registry, repository, one),
  );
  const own = all.find((one) => one !== undefined);
  const commit = own?.config.Labels[revision] ?? "";
  if (!own || short(commit) !== tag) return undefined;
  const { digest } = manifest.descriptor;
  const attached = await referrers(registry, repository, digest);
  const application = repository.slice(0, Math.max(repository.lastIndexOf("/"), 0));
  const images: StoredImage[] = [{ repository, digest, parts }];
  return { release: { application, commit, images, ...times(attached, own.created) }, attached };
}

const extreme = (choose: (...values: number[]) => number, ...dates: (Date | undefined)[]): Date | undefined => {
  const known = dates.filter((date) => date !== undefined).map((date) => date.getTime());
  return known.length > 0 ? new Date(choose(...known)) : undefined;
};

/** The images of one release, which are in a repository each, taken together. */
function together(found: readonly StoredRelease[]): StoredRelease[] {
  const all = new Map<string, StoredRelease>();
  for (const one of found) {
    const key = `${one.application} ${one.commit}`;
    const { builtOn, usedOn, ...rest } = all.get(key) ?? { ...one, images: [] };
    const first = extreme(Math.min, builtOn, one.builtOn);
    const last = extreme(Math.max, usedOn, one.usedOn);
    const known = { ...(first ? { builtOn: first } : {}), ...(last ? { usedOn: last } : {}) };
    all.set(key, { ...rest, images: [...rest.images, ...one.images], ...known });
  }
  return [...all.values()];
}

/** What is listed as attached to images that are not there. */
async function orphansIn(
  registry: Registry,
  repository: string,
  tags: string[],
  known: Set<string>,
): Promise<Orphan[]> {
  const subjects = tags.map(subjectOf).filter((digest) => digest !== undefined && !known.has(digest));
  const all = await each(subjects as string[], async (digest) => ({
    repository,
    digest,
    isThere: (await registry.digestOf(repository, digest)) !== undefined,
  }));
  return all.filter(({ isThere }) => !isThere).map(({ isThere: _, ...orphan }) => orphan);
}

/** The tags beside those that a build gives, each with what it keeps. */
const namedIn = (registry: Registry, repository: string, tags: string[]): Promise<Need[]> =>
  each(
    tags.filter((tag) => !(isCommit(tag) || markedCommit(tag) || subjectOf(tag))),
    async (tag) => ({ digest: (await registry.digestOf(repository, tag)) ?? "", reason: `has the tag ${tag}, too` }),
  );

/**
 * Reads what a registry holds of releases: what is tagged with a commit and labelled as built from it. All else is none of ours.
 * @throws RegistryError when the registry does not answer
 */
export async function storedReleases(registry: Registry): Promise<Stored> {
  const stored: Stored = { releases: [], attached: new Map(), orphans: [], named: [], tags: new Map() };
  const found: Found[] = [];
  for (const repository of await repositories(registry)) {
    const tags = await tagsOf(registry, repository);
    const own = (await each(tags.filter(isCommit), (tag) => releaseOf(registry, repository, tag))).filter(
      Boolean,
    ) as Found[];
    const lists = tags.some((tag) => subjectOf(tag) !== undefined);
    if (own.length === 0 && !lists) continue;
    found.push(...own);
    const known = new Set(own.flatMap(({ release }) => release.images.map(({ digest }) => digest)));
    stored.orphans.push(...(await orphansIn(registry, repository, tags, known)));
    stored.named.push(...(await namedIn(registry, repository, tags)));
    stored.tags.set(repository, tags);
  }
  for (const { release, attached } of found) stored.attached.set(release.images[0]?.digest ?? "", attached);
  return { ...stored, releases: together(found.map(({ release }) => release)) };
}
