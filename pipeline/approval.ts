import { createHash } from "node:crypto";

import {
  type ApprovalRules,
  type Approver,
  barred,
  type Decision,
  decisionsIn,
  type Involved,
  type Person,
  rejectionIn,
  signersOf,
  wordOf,
} from "../evidence/approvals.ts";
import type { Claim } from "../evidence/claims.ts";
import { EvidenceError } from "../evidence/errors.ts";
import { assertProved, evidenceOf } from "../evidence/of-release.ts";
import { ownKey, trustedKeys, trustFile } from "../evidence/project.ts";
import { predicates, writeStatement } from "../evidence/statement.ts";
import { attachEvidence } from "../evidence/store.ts";
import { distrust } from "../evidence/trust.ts";
import type { Release } from "../settings/release.ts";
import type { Timetable } from "../settings/windows.ts";

import { prepareBackend } from "./backend.ts";
import type { EnvironmentDiff } from "./diff.ts";
import { UsageError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { assertRepository, authorsOf, resolveCommit } from "./git.ts";
import { plainLine } from "./plain-text.ts";
import { preflight } from "./preflight.ts";
import { claimOf, whoRuns } from "./record.ts";
import { builtRelease } from "./release.ts";
import { stackSettings } from "./stack-settings.ts";

const claim: Claim = "approval/production";

type Exact = Pick<Release, "commit" | "images">;

const exact = (release: Release | undefined): Exact | null =>
  release ? { commit: release.commit, images: release.images } : null;

/** What an approval is of: these images, and exactly this change of production. */
export function hashOf({ environment, exists, from, to, changes, ...migrations }: EnvironmentDiff): string {
  const { irreversible, notUndone } = migrations;
  const all = { environment, exists, from: exact(from), to: exact(to), changes, irreversible, notUndone };
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

/** The rules by which production's changes are approved: the working tree's, as the list of trusted keys is. */
export const approvalRules = async () => (await stackSettings()).environments.production;

/** All that is known of a release and its approval. */
export interface Approvals {
  decisions: Decision[];
  rules: ApprovalRules & Timetable;
  involved: Involved;
}

/** Reads what was decided about a release, by which rules, and who has a part in it. */
export async function approvalsOf(release: Release, signal: AbortSignal): Promise<Approvals> {
  const [{ evidence }, rules, authors] = await Promise.all([
    evidenceOf(release, { signal }),
    approvalRules(),
    authorsOf(release.commit),
  ]);
  return { decisions: decisionsIn(evidence), rules, involved: { authors, signers: signersOf(evidence) } };
}

/** Who decides here, as those who check it know them; else why they do not. */
async function ownApprover(person?: Person): Promise<{ approver: Approver } | { doubt: string }> {
  const { id } = await ownKey();
  const key = (await trustedKeys()).find((one) => one.id === id);
  const doubt = key ? distrust(key, claim, new Date()) : `${trustFile} does not list the key that signs here`;
  if (!key || doubt) return { doubt: doubt ?? "" };
  if (person && !key.vouches) {
    return { doubt: `${trustFile} does not say of the key that signs here that it vouches for others (vouches: true)` };
  }
  return { approver: wordOf(key, person) };
}

/**
 * Why an approval from here would not count; undefined when it would.
 * @param person whose it would be, where that is not who has the key
 */
export async function barredHere({ rules, involved }: Approvals, person?: Person): Promise<string | undefined> {
  const own = await ownApprover(person);
  return "doubt" in own ? own.doubt : barred(own.approver, rules, involved);
}

/** Whether one of the decisions is of who signs here. */
export async function isOwn(decisions: readonly Decision[]): Promise<boolean> {
  const own = await ownApprover();
  return "approver" in own && decisions.some(({ signer }) => signer === own.approver.signer);
}

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
  { decision, reason, person }: Pick<Decision, "decision" | "reason"> & { person?: Person },
  signal: AbortSignal,
): Promise<void> => {
  const who = person ? { approver: person.name, person } : {};
  const said = { decision, diff: { sha256: hashOf(diff) }, ...(reason === undefined ? {} : { reason }), ...who };
  return say(release, claim, { type: predicates.approval, fields: said }, signal);
};

/** Lets a release into production that has not proved what that demands, in somebody's name and for a reason, for good to see. */
export const breakGlass = (release: Release, reason: string, signal: AbortSignal): Promise<void> =>
  say(release, "break-glass/production", { type: predicates.brokenGlass, fields: { reason } }, signal);

/** Lets production be changed outside its windows, or in a freeze, in somebody's name and for a reason. */
export const override = (release: Release, held: string, reason: string, signal: AbortSignal): Promise<void> =>
  say(release, "override/production", { type: predicates.override, fields: { reason, rule: held } }, signal);

export interface DecideOptions extends Pick<Decision, "decision" | "reason"> {
  /** What git knows the commit by. */
  commit: string;
  /** Whose decision it is, where that is not who has the key that signs here. */
  person?: Person;
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
  const approvals = await approvalsOf(release, signal);
  const rejection = rejectionIn(approvals.decisions);
  if (rejection) {
    const who = plainLine(`${rejection.signer} (${rejection.approver})`, 200);
    throw new UsageError(`${name} was rejected for production by ${who}, which is for good`, {
      next: "make another commit",
    });
  }
  const bar = decision === "approved" ? await barredHere(approvals, options.person) : undefined;
  if (bar) throw new UsageError(`An approval from here would not count: ${bar}`);
  if (decision === "approved") {
    await assertProved("production", release, { signal }).catch((error: unknown) => {
      if (error instanceof EvidenceError) throw new UsageError(error.message, { cause: error });
      throw error;
    });
  }
  // Loaded only where somebody decides: whoever looks at approvals needs nothing of it.
  const { previewRelease } = await import("./preview.ts");
  const diff = await previewRelease("production", { release, signal, progress });
  if (!(await agree(diff))) return undefined;
  await decide(release, diff, options, signal);
  return release;
}
