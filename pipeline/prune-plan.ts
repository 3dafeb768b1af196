import { decisionsIn, rejectionIn } from "../evidence/approvals.ts";
import { evidenceOf } from "../evidence/of-release.ts";
import { predicates } from "../evidence/statement.ts";
import type { Registry } from "../registry/client.ts";
import { short } from "../settings/release.ts";
import { usesIn } from "./in-use.ts";
import { environmentNeeds } from "./needs.ts";
import { type Need, type Retention, type RetentionPolicy, retain, type StoredRelease } from "./retention.ts";
import { keyOf, type Orphan, type Stored, storedReleases } from "./stored-releases.ts";

/** What a prune would do. */
export interface PrunePlan extends Retention {
  /** `host:port` of the registry. */
  registry: string;
  policy: RetentionPolicy;
  /** What an earlier prune left that was killed. */
  orphans: Orphan[];
  /** The tags that each repository had. */
  tags: Map<string, string[]>;
}

const asRelease = (host: string, { application, commit, images }: StoredRelease) => ({
  application,
  commit,
  version: short(commit),
  images: Object.fromEntries(images.map(({ repository, digest }) => [repository, `${host}/${repository}@${digest}`])),
});

/** A rejection is for good, and so has to be found when somebody promotes the commit again. */
async function rejected({ releases, attached }: Stored, host: string, signal: AbortSignal): Promise<Need[]> {
  const isDecision = ({ annotations }: { annotations?: Record<string, string> }): boolean =>
    annotations?.["in-toto.io/predicate-type"] === predicates.approval;
  const needs: Need[] = [];
  for (const release of releases) {
    if (!attached.get(keyOf(release))?.some(isDecision)) continue;
    const { evidence } = await evidenceOf(asRelease(host, release), { signal });
    if (rejectionIn(decisionsIn(evidence))) needs.push({ commit: release.commit, reason: "rejected for good" });
  }
  return needs;
}

/**
 * Decides, by all that can be known now, what goes. What environments need is asked last, since it changes while the rest is read.
 * @throws RegistryError, PrerequisiteError
 */
export async function planPrune(registry: Registry, policy: RetentionPolicy, signal: AbortSignal): Promise<PrunePlan> {
  const stored = await storedReleases(registry);
  const now = new Date();
  const uses: Need[] = [];
  for (const [repository, tags] of stored.tags) uses.push(...(await usesIn(registry, repository, tags, now)));
  const needs = [
    ...stored.named,
    ...uses,
    ...(await rejected(stored, registry.host, signal)),
    ...(await environmentNeeds(signal)),
  ];
  return {
    ...retain(stored.releases, needs, policy, now),
    registry: registry.host,
    policy,
    orphans: stored.orphans,
    tags: stored.tags,
  };
}
