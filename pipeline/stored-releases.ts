import { commitAnnotation } from "../evidence/store.ts";
import type { Descriptor, Registry } from "../registry/client.ts";
import { repositories, tags as tagsOf } from "../registry/listing.ts";
import { referrers, subjectOf } from "../registry/referrers.ts";
import { short } from "../settings/release.ts";
import { builtImage } from "./built-image.ts";
import { markedCommit } from "./in-use.ts";
import type { Need, StoredImage, StoredRelease } from "./retention.ts";
import { isInputsTag } from "./unchanged-image.ts";

/** What was attached to an image that is not there any more, as a prune leaves it that was killed. */
export interface Orphan {
  repository: string;
  /** Of the image. */
  digest: string;
}

/** What a registry holds of releases. */
export interface Stored {
  releases: StoredRelease[];
  /** What was attached to the images of each release, by `keyOf`. */
  attached: Map<string, Descriptor[]>;
  orphans: Orphan[];
  /** The tags that people gave images of releases, which says that they want them. */
  named: Need[];
  /** The tags of each repository that has releases. */
  tags: Map<string, string[]>;
}

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

/**
 * The image of a release that a tag names; undefined where it names something else. One that was built for another commit is of this
 * one, too, once something was proved of it.
 */
async function releaseOf(registry: Registry, repository: string, tag: string): Promise<Found | undefined> {
  const own = await builtImage(registry, repository, tag);
  if (!own) return undefined;
  const { digest, parts, builtFrom, created } = own;
  const attached = await referrers(registry, repository, digest);
  const about = ({ annotations }: Descriptor): string => annotations?.[commitAnnotation] ?? builtFrom;
  const commit = [builtFrom, ...attached.map(about)].find((one) => short(one) === tag);
  if (commit === undefined) return undefined;
  const application = repository.slice(0, Math.max(repository.lastIndexOf("/"), 0));
  const images: StoredImage[] = [{ repository, digest, parts, builtFrom }];
  const proved = attached.filter((one) => about(one) === commit);
  // What another commit's build made says nothing of when this release came.
  const when = times(proved, builtFrom === commit ? created : undefined);
  return { release: { application, commit, images, ...when }, attached: proved };
}

/** By what a release is told from others. */
export const keyOf = ({ application, commit }: Pick<StoredRelease, "application" | "commit">): string =>
  `${application} ${commit}`;

const extreme = (choose: (...values: number[]) => number, ...dates: (Date | undefined)[]): Date | undefined => {
  const known = dates.filter((date) => date !== undefined).map((date) => date.getTime());
  return known.length > 0 ? new Date(choose(...known)) : undefined;
};

/** The images of one release, which are in a repository each, taken together. */
function together(found: readonly StoredRelease[]): StoredRelease[] {
  const all = new Map<string, StoredRelease>();
  for (const one of found) {
    const key = keyOf(one);
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

/** The tags beside those of releases and those that a build gives, each with what it keeps. */
const namedIn = (registry: Registry, repository: string, tags: string[], releases: Set<string>): Promise<Need[]> =>
  each(
    tags.filter((tag) => !(releases.has(tag) || isInputsTag(tag) || markedCommit(tag) || subjectOf(tag))),
    async (tag) => ({ digest: (await registry.digestOf(repository, tag)) ?? "", reason: `has the tag ${tag}, too` }),
  );

/**
 * Reads what a registry holds of releases: what is tagged with a commit, and labelled as built from it or proved
 * to be of it. All else is none of ours.
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
    stored.named.push(
      ...(await namedIn(registry, repository, tags, new Set(own.map(({ release }) => short(release.commit))))),
    );
    stored.tags.set(repository, tags);
  }
  for (const { release, attached } of found) {
    stored.attached.set(keyOf(release), [...(stored.attached.get(keyOf(release)) ?? []), ...attached]);
  }
  return { ...stored, releases: together(found.map(({ release }) => release)) };
}
