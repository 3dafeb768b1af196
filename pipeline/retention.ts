import { short } from "../settings/release.ts";

/** One image of a release as the registry holds it. */
export interface StoredImage {
  repository: string;
  /** Of what its tag names. */
  digest: string;
  /** The manifests of which that is the index, if it is one. */
  parts: string[];
  /** The commit that it was built from, which other releases may have it from. */
  builtFrom: string;
}

/** A release as the registry holds it. */
export interface StoredRelease {
  application: string;
  commit: string;
  images: StoredImage[];
  /** When it was built; absent where nothing tells. */
  builtOn?: Date;
  /** When something was last proved or decided of it, or it was built. */
  usedOn?: Date;
}

/** What something needs, an image or all that was built from a commit, and who needs it. */
export type Need = { reason: string } & ({ digest: string } | { commit: string });

/** How many of the newest releases are kept, and for how many days after they were last used all others. */
export interface RetentionPolicy {
  keepReleases: number;
  keepDays: number;
}

/** A release that stays, and why. */
export interface KeptRelease extends StoredRelease {
  reasons: string[];
}

/** What is to be removed, and what is not. */
export interface Retention {
  goes: StoredRelease[];
  stays: KeptRelease[];
}

const day = 86_400_000;

/** What nobody knows the age of comes first. */
const age = ({ builtOn }: StoredRelease): number => builtOn?.getTime() ?? Number.POSITIVE_INFINITY;

const newestFirst = (one: StoredRelease, other: StoredRelease): number =>
  age(one) === age(other) ? 0 : age(other) - age(one);

const digestsOf = ({ images }: StoredRelease): string[] => images.flatMap(({ digest, parts }) => [digest, ...parts]);

/** An image is kept with the newest release that has it: of several it may be that a commit did not change it. */
function isNeeded(need: Need, release: StoredRelease, satisfied: Set<string>): boolean {
  if ("commit" in need) return short(release.commit) === short(need.commit);
  return digestsOf(release).includes(need.digest) && !satisfied.has(need.digest);
}

/** Why the age of a release keeps it, of all releases of its application from the newest on the one at `place`. */
function byAge(
  { builtOn, usedOn }: StoredRelease,
  place: number,
  { keepReleases, keepDays }: RetentionPolicy,
  now: Date,
): string[] {
  const recent = usedOn !== undefined && now.getTime() - usedOn.getTime() < keepDays * day;
  return [
    ...(builtOn === undefined ? ["nothing tells how old it is"] : []),
    ...(place < keepReleases ? [keepReleases === 1 ? "the newest" : `one of the newest ${keepReleases}`] : []),
    ...(recent ? [`used in the last ${keepDays} days`] : []),
  ];
}

/**
 * Decides which releases go: those that nothing needs and that are neither new nor were of use lately.
 * @returns both lists from the newest release to the oldest
 */
export function retain(
  releases: readonly StoredRelease[],
  needs: readonly Need[],
  policy: RetentionPolicy,
  now: Date,
): Retention {
  const places = new Map<string, number>();
  const result: Retention = { goes: [], stays: [] };
  const satisfied = new Set<string>();
  for (const release of releases.toSorted(newestFirst)) {
    const place = places.get(release.application) ?? 0;
    places.set(release.application, place + 1);
    const wanted = needs.filter((need) => isNeeded(need, release, satisfied)).map(({ reason }) => reason);
    for (const digest of digestsOf(release)) satisfied.add(digest);
    const reasons = [...new Set([...wanted, ...byAge(release, place, policy, now)])];
    if (reasons.length > 0) result.stays.push({ ...release, reasons });
    else result.goes.push(release);
  }
  return result;
}
