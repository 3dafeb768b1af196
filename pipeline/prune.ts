import { commitAnnotation } from "../evidence/store.ts";
import { type Descriptor, Registry, RegistryError } from "../registry/client.ts";
import { tags } from "../registry/listing.ts";
import { detach, subjectOf } from "../registry/referrers.ts";
import { short } from "../settings/release.ts";
import { prepareBackend } from "./backend.ts";
import { InterruptedError, PrerequisiteError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { type Collected, collectGarbage, isOwn } from "./garbage.ts";
import { usesIn } from "./in-use.ts";
import { removeLocalImages } from "./local-images.ts";
import { type Platform, platformOf } from "./platform-outputs.ts";
import { assertEngine } from "./preflight.ts";
import { told } from "./preparation.ts";
import { type PrunePlan, planPrune } from "./prune-plan.ts";
import type { StoredRelease } from "./retention.ts";
import { together } from "./run-lock.ts";
import { stackSettings } from "./stack-settings.ts";
import { stackOutputs } from "./stack-state.ts";

/** What a prune did. */
export interface PruneResult {
  removed: StoredRelease[];
  /** Releases that somebody began to need before they could be removed. */
  spared: StoredRelease[];
  /** The images of releases that were removed from this machine's engine, by name. */
  local: string[];
  /** What the registry has on disk; absent where it is not the default's own, and frees its space itself. */
  space?: Collected;
}

export interface PruneOptions {
  signal: AbortSignal;
  progress: Progress;
  /** Shows somebody what would go and returns their answer. */
  agree(plan: PrunePlan): Promise<boolean>;
}

/** The tags of a release's repositories, as they are now. */
const tagsNow = async (registry: Registry, { images }: StoredRelease): Promise<Map<string, string[]>> =>
  new Map(
    await Promise.all(images.map(async ({ repository }) => [repository, await tags(registry, repository)] as const)),
  );

/** Whether a run has come to need a release, or an image that was built for it, since it was decided that it goes. */
async function isInUse(registry: Registry, release: StoredRelease, now: Map<string, string[]>): Promise<boolean> {
  const commits = new Set([release.commit, ...release.images.map(({ builtFrom }) => builtFrom)].map(short));
  for (const { repository } of release.images) {
    const uses = await usesIn(registry, repository, now.get(repository) ?? [], new Date());
    if (uses.some((need) => "commit" in need && commits.has(need.commit))) return true;
  }
  return false;
}

/** What of a repository some release has that came since it was decided what goes. */
async function cameSince(
  registry: Registry,
  repository: string,
  { now, before }: { now: readonly string[]; before: readonly string[] },
): Promise<(string | undefined)[]> {
  const known = new Set(before);
  const came = now.filter((tag) => !known.has(tag) && subjectOf(tag) === undefined);
  return Promise.all(came.map((tag) => registry.digestOf(repository, tag)));
}

/**
 * Removes a release. Its images go first and all at once, so that whoever looks for it finds it whole or not at all; what was attached
 * to them is found by the list of it, also by the next prune if this one ends in between. An image that other releases have, too, only
 * loses its tag, and what was proved of this one.
 */
async function remove(registry: Registry, { images, commit }: StoredRelease, kept: ReadonlySet<string>): Promise<void> {
  await Promise.all(
    images.map(({ repository, digest }) =>
      kept.has(digest) ? registry.untag(repository, short(commit)) : registry.remove(repository, digest),
    ),
  );
  for (const { repository, digest, parts, builtFrom } of images) {
    if (kept.has(digest)) {
      const isOwn = ({ annotations }: Descriptor) => (annotations?.[commitAnnotation] ?? builtFrom) === commit;
      await detach(registry, repository, digest, isOwn);
      continue;
    }
    for (const part of parts) if (!kept.has(part)) await registry.remove(repository, part);
    await detach(registry, repository, digest);
  }
}

/**
 * Removes from a registry what a plan says, unless a run has begun to use it.
 * @throws RegistryError
 */
export async function removeReleases(
  registry: Registry,
  { goes, stays, orphans, tags: before }: Pick<PrunePlan, "goes" | "stays" | "orphans" | "tags">,
  progress: Progress,
): Promise<Pick<PruneResult, "removed" | "spared">> {
  const kept = new Set(stays.flatMap(({ images }) => images.flatMap(({ digest, parts }) => [digest, ...parts])));
  const removed: StoredRelease[] = [];
  const spared: StoredRelease[] = [];
  for (const release of goes) {
    progress({ type: "detail", text: `${release.application} ${short(release.commit)}` });
    const now = await tagsNow(registry, release);
    const inUse = await isInUse(registry, release, now);
    (inUse ? spared : removed).push(release);
    if (inUse) continue;
    for (const [repository, names] of now) {
      const came = await cameSince(registry, repository, { now: names, before: before.get(repository) ?? [] });
      for (const digest of came) if (digest !== undefined) kept.add(digest);
    }
    await remove(registry, release, kept);
  }
  for (const { repository, digest } of orphans) await detach(registry, repository, digest);
  return { removed, spared };
}

async function platform(signal: AbortSignal): Promise<Platform> {
  const found = platformOf(await stackOutputs("delivery", signal));
  if (found) return found;
  throw new PrerequisiteError("There is no registry yet, so there is nothing to remove", { next: "npm run promote" });
}

/** What a person may do about a registry that does not answer as it should. */
function explained(error: unknown, signal: AbortSignal): never {
  if (signal.aborted) throw new InterruptedError();
  if (!(error instanceof RegistryError)) throw error;
  const next =
    error.next ??
    (error.status === 405
      ? "Allow it in the registry's configuration (storage.delete.enabled)."
      : "npm run promote (it looks after the registry)");
  throw new PrerequisiteError(error.message, { next, cause: error });
}

/** Only what somebody was shown goes, and of that only what nobody has come to need while they thought about it. */
const still = (shown: PrunePlan, now: PrunePlan): PrunePlan => ({
  ...now,
  goes: now.goes.filter(({ commit }) => shown.goes.some((one) => one.commit === commit)),
});

async function carryOut(
  { registry: host, container }: Platform,
  plan: PrunePlan,
  { signal, progress }: PruneOptions,
): Promise<PruneResult> {
  const registry = new Registry(host, { signal });
  const went = await told("remove releases from the registry", progress, () =>
    removeReleases(registry, plan, progress),
  );
  const local = await removeLocalImages(await assertEngine(), registry);
  if (!container || !(await isOwn(container))) return { ...went, local };
  const space = await told("free the registry's space", progress, () => collectGarbage(container, signal));
  return { ...went, local, space };
}

/**
 * Removes the releases that the policy of the delivery stack does not keep and nobody needs, with all that was proved of them, and has the
 * registry free their space. Promotions go on beside it.
 * @returns what was done; undefined when it was declined
 * @throws PrerequisiteError, SettingsError, LockedError, InterruptedError
 */
export const prune = (options: PruneOptions): Promise<PruneResult | undefined> =>
  together("promote prune", async () => {
    const { signal, progress, agree } = options;
    await prepareBackend();
    const { keepReleases, keepDays } = (await stackSettings()).delivery;
    const found = await platform(signal);
    const registry = new Registry(found.registry, { signal });
    const decide = () => planPrune(registry, { keepReleases, keepDays }, signal);
    try {
      const shown = await told("look at what there is and who needs it", progress, decide);
      if (!(await agree(shown))) return undefined;
      return await carryOut(found, still(shown, await decide()), options);
    } catch (error) {
      return explained(error, signal);
    }
  });
