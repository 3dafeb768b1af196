import { createHash } from "node:crypto";
import { z } from "zod";

import type { Claim } from "../evidence/claims.ts";
import { EvidenceError } from "../evidence/errors.ts";
import { assertProved, type Evidence, evidenceOf } from "../evidence/of-release.ts";
import { ownKey } from "../evidence/project.ts";
import { predicates, writeStatement } from "../evidence/statement.ts";
import { attachEvidence } from "../evidence/store.ts";
import type { Release } from "../settings/release.ts";
import { prepareBackend } from "./backend.ts";
import type { EnvironmentDiff } from "./diff.ts";
import { UsageError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { preflight } from "./preflight.ts";
import { previewRelease } from "./preview.ts";
import { claimOf, whoRuns } from "./record.ts";
import { builtRelease } from "./release.ts";

const claim: Claim = "approval/production";

const schema = z.object({
  decision: z.enum(["approved", "rejected"]),
  diff: z.object({ sha256: z.string() }),
  approver: z.string().max(500),
  reason: z.string().max(2_000).optional(),
});

/** What somebody decided about a release and production, and about which change of it. */
export interface Decision {
  decision: "approved" | "rejected";
  /** SHA-256 of the diff that they were shown. */
  diff: string;
  approver: string;
  reason?: string;
  on: Date;
}

type Exact = Pick<Release, "commit" | "images">;

const exact = (release: Release | undefined): Exact | null =>
  release ? { commit: release.commit, images: release.images } : null;

/** What an approval is of: these images, and exactly this change of production. */
export function hashOf({ environment, exists, from, to, changes, ...migrations }: EnvironmentDiff): string {
  const { irreversible, notUndone } = migrations;
  const all = { environment, exists, from: exact(from), to: exact(to), changes, irreversible, notUndone };
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

function decisionIn({ claim: of, flaw, statement, finishedOn }: Evidence): Decision[] {
  if (of !== claim || flaw !== undefined || !finishedOn) return [];
  const { data } = schema.safeParse(statement?.predicate);
  if (!data) return [];
  const { diff, reason, ...rest } = data;
  return [{ ...rest, diff: diff.sha256, on: finishedOn, ...(reason === undefined ? {} : { reason }) }];
}

/** What was decided last about a release; undefined when nobody has. */
export const lastDecision = (evidence: readonly Evidence[]): Decision | undefined =>
  evidence
    .flatMap(decisionIn)
    .toSorted((one, other) => one.on.getTime() - other.on.getTime())
    .at(-1);

/** What was decided last about a release, by those whose word counts. */
export const decisionOn = async (release: Release, signal: AbortSignal): Promise<Decision | undefined> =>
  lastDecision((await evidenceOf(release, { signal })).evidence);

/** Signs what a person says of a release and production, and has the registry keep it with the release. */
async function say(
  release: Release,
  claim: Claim,
  predicate: { type: string; fields: Record<string, unknown> },
  signal: AbortSignal,
): Promise<void> {
  const now = new Date();
  const step = await claimOf(release, { claim, environment: "production", startedOn: now, finishedOn: now });
  const fields = { environment: "production", approver: whoRuns(), ...predicate.fields };
  await attachEvidence(release, writeStatement(release, step, { ...predicate, fields }), await ownKey(), signal);
}

/** Signs a decision and has the registry keep it with the release. */
export const decide = (
  release: Release,
  diff: EnvironmentDiff,
  { decision, reason }: Pick<Decision, "decision" | "reason">,
  signal: AbortSignal,
): Promise<void> => {
  const said = { decision, diff: { sha256: hashOf(diff) }, ...(reason === undefined ? {} : { reason }) };
  return say(release, claim, { type: predicates.approval, fields: said }, signal);
};

/** Lets a release into production that has not proved what that demands, in somebody's name and for a reason, for good to see. */
export const breakGlass = (release: Release, reason: string, signal: AbortSignal): Promise<void> =>
  say(release, "break-glass/production", { type: predicates.brokenGlass, fields: { reason } }, signal);

export interface DecideOptions extends Pick<Decision, "decision" | "reason"> {
  /** What git knows the commit by. */
  commit: string;
  signal: AbortSignal;
  progress: Progress;
  /** Shows somebody what is decided about and returns whether they mean it. */
  agree(diff: EnvironmentDiff): Promise<boolean>;
}

/**
 * Approves or rejects a commit's release for production; what is approved is the change of production as it is now.
 * @returns the release; undefined when it was not meant after all
 * @throws UsageError when there is no release, or one that has not proved what production demands
 */
export async function decideOn(options: DecideOptions): Promise<Release | undefined> {
  const { commit: name, decision, signal, progress, agree } = options;
  await assertRepository();
  await prepareBackend();
  const commit = await resolveCommit(name);
  await preflight(commit);
  const release = await builtRelease(commit, signal);
  if (!release) {
    throw new UsageError(`Nothing was built from ${name} yet`, { next: `npm run promote -- ${name}` });
  }
  if (decision === "approved") {
    await assertProved("production", release, { signal }).catch((error: unknown) => {
      if (error instanceof EvidenceError) throw new UsageError(error.message, { cause: error });
      throw error;
    });
  }
  const diff = await previewRelease("production", { release, signal, progress });
  if (!(await agree(diff))) return undefined;
  await decide(release, diff, options, signal);
  return release;
}
