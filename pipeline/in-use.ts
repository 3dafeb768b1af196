import { randomBytes } from "node:crypto";
import { z } from "zod";

import { mediaTypes, Registry, RegistryError } from "../registry/client.ts";
import { placeOf, type Release, short } from "../settings/release.ts";
import { UsageError } from "./errors.ts";
import { plainLine } from "./plain-text.ts";
import { whoRuns } from "./record.ts";
import type { Need } from "./retention.ts";

const pattern = /^([0-9a-f]{12})-in-use-[0-9a-f]{8}$/;

/** The first 12 digits of the commit whose release a run needs, as a tag says; undefined when it says something else. */
export const markedCommit = (tag: string): string | undefined => pattern.exec(tag)?.[1];

/** How long a mark counts that nobody took away, as that of a run which was killed: longer than anybody thinks before the button. */
const expiry = 7 * 86_400_000;

const annotations = z.object({
  annotations: z.object({
    "org.opencontainers.image.created": z.coerce.date(),
    "org.opencontainers.image.authors": z.string(),
  }),
});

export interface Use {
  /** `host:port` of the registry. */
  registry: string;
  /** Where an image of the release is, or is going to be. */
  repository: string;
  commit: string;
}

/**
 * Has the registry say that a run needs a commit's release, built or not, so that no prune takes it meanwhile. To be done before the
 * release is looked for: who looks afterwards and finds it keeps it.
 * @returns takes the mark away again; never throws
 */
export async function markInUse(
  { registry: host, repository, commit }: Use,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const mark = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [],
    annotations: {
      "org.opencontainers.image.created": new Date().toISOString(),
      "org.opencontainers.image.authors": `${whoRuns()}, process ${process.pid}`,
    },
  };
  const tag = `${short(commit)}-in-use-${randomBytes(4).toString("hex")}`;
  try {
    const { digest } = await new Registry(host, { signal }).putManifest(repository, mark, tag);
    return () => new Registry(host).remove(repository, digest).catch(() => {});
  } catch (error) {
    // Without a registry there is no release in it to be pruned, and whoever needs it next says so better.
    if (error instanceof RegistryError) return async () => {};
    throw error;
  }
}

/**
 * Does something with a release that was built before, which no prune takes meanwhile.
 * @throws UsageError when one has taken it
 */
export async function whileInUse<Result>(
  { images, commit }: Release,
  signal: AbortSignal,
  action: () => Promise<Result>,
): Promise<Result> {
  const places = Object.values(images).map(placeOf);
  const [first] = places;
  if (!first) return action();
  const letGo = await markInUse({ registry: first.host, repository: first.repository, commit }, signal);
  try {
    for (const { host, repository, digest } of places) {
      if (await new Registry(host, { signal }).digestOf(repository, digest)) continue;
      const next = `npm run promote -- ${short(commit)} (builds it again)`;
      throw new UsageError(`The images of ${short(commit)} are not in the registry any more`, { next });
    }
    return await action();
  } finally {
    await letGo();
  }
}

async function readMark(registry: Registry, repository: string, tag: string, now: Date): Promise<Need[]> {
  const commit = markedCommit(tag) ?? "";
  const manifest = await registry.manifest(repository, tag);
  const said = annotations.safeParse(manifest?.content).data?.annotations;
  if (!manifest || (said && now.getTime() - said["org.opencontainers.image.created"].getTime() > expiry)) return [];
  return [{ commit, reason: `in use by ${plainLine(said?.["org.opencontainers.image.authors"] ?? "somebody", 100)}` }];
}

/**
 * What runs need at this moment, of the marks among a repository's tags.
 * @throws RegistryError when the registry does not answer
 */
export async function usesIn(
  registry: Registry,
  repository: string,
  tags: readonly string[],
  now: Date,
): Promise<Need[]> {
  const needs: Need[] = [];
  for (const tag of tags.filter(markedCommit)) needs.push(...(await readMark(registry, repository, tag, now)));
  return needs;
}
