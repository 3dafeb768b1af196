import { z } from "zod";

import type { EnvironmentName } from "../settings/environment.ts";
import { type Release, short } from "../settings/release.ts";
import { releaseName } from "../settings/release-name.ts";
import { type ApprovalRules, decisionsIn, rejectionIn, standing } from "./approvals.ts";
import { type Claim, claims, demandedBy } from "./claims.ts";
import { EvidenceError } from "./errors.ts";
import { trustedKeys } from "./project.ts";
import { misfits, type Statement, stepField } from "./statement.ts";
import { type Found, findEvidence } from "./store.ts";

/** One piece of evidence, as it is told. */
export interface Evidence {
  /** The digest of the artifact that holds it. */
  digest: string;
  /** Absent where it cannot be read or nobody who is trusted signed it. */
  claim?: Claim;
  startedOn?: Date;
  finishedOn?: Date;
  runBy?: string;
  /** Whose key signed it. */
  signer?: string;
  /** By which git knows whoever has that key. */
  emails?: readonly string[];
  /** Whether whoever has that key vouches for the people in whose name it signs. */
  vouches?: boolean;
  statement?: Statement;
  /** Why it does not count; absent where it does. */
  flaw?: string;
}

/** What a release has proved. */
export interface ReleaseEvidence {
  release: Release;
  /** In the order of the steps, then of time; what cannot be read comes last. */
  evidence: Evidence[];
  /** What there is no evidence of that counts. */
  missing: Claim[];
}

/** What a release does not lack when nobody had to say it. */
const exceptions: readonly Claim[] = ["override/production", "break-glass/production"];

/** The environment that a claim is about. */
const environmentOf = (claim: Claim): string | undefined => claim.split("/")[1];

const day = 86_400_000;

/** Why evidence of then does not count any more; by the clock of whoever asks. */
const tooOld = (finishedOn: Date, days: number): string[] =>
  Date.now() - finishedOn.getTime() > days * day ? [`it is of ${isoDate(finishedOn)}, more than ${days} days ago`] : [];

const isoDate = (at: Date): string => at.toISOString().slice(0, 10);

function told({ digest, statement, signer, flaw }: Found, release: Release, days: number): Evidence {
  if (!statement) return { digest, ...(flaw ? { flaw } : {}) };
  const { claim, startedOn, finishedOn, runBy } = statement.predicate[stepField];
  const misfit = misfits(statement, release, environmentOf(claim));
  const [reason] = [...(flaw ? [flaw] : []), ...misfit, ...tooOld(finishedOn, days)];
  return {
    digest,
    claim,
    startedOn,
    finishedOn,
    runBy,
    ...(signer ? { signer: signer.name, emails: signer.emails, vouches: signer.vouches } : {}),
    statement,
    ...(reason ? { flaw: reason } : {}),
  };
}

const place = ({ claim }: Evidence): number => (claim ? claims.indexOf(claim) : claims.length);

const inOrder = (one: Evidence, other: Evidence): number =>
  place(one) - place(other) || Number(one.finishedOn ?? 0) - Number(other.finishedOn ?? 0);

export interface EvidenceOptions {
  /** How old evidence may be at most, in days. Without a limit by default. */
  days?: number;
  signal?: AbortSignal;
}

/** What is attached to a release's images, held against the release, in the order of the steps. */
async function checked(
  release: Release,
  about: Parameters<typeof findEvidence>[0],
  { days = Number.POSITIVE_INFINITY, signal }: EvidenceOptions,
): Promise<Evidence[]> {
  const found = await findEvidence(about, await trustedKeys(), signal);
  return found.map((one) => told(one, release, days)).toSorted(inOrder);
}

/**
 * All evidence of a release, checked.
 * @throws RegistryError when the registry does not answer
 */
export async function evidenceOf(release: Release, options: EvidenceOptions = {}): Promise<ReleaseEvidence> {
  const evidence = await checked(release, release, options);
  const proved = new Set(evidence.filter(({ flaw }) => flaw === undefined).map(({ claim }) => claim));
  const missing = claims.filter((claim) => !proved.has(claim) && !exceptions.includes(claim));
  return { release, evidence, missing };
}

const reasonSchema = z.object({ reason: z.string().max(2_000), approver: z.string().max(500) });

/** That somebody let a release into production without what it demands, and why. */
export interface BrokenGlass extends z.output<typeof reasonSchema> {
  on: Date;
}

/** Who broke the glass for a release last, by evidence that counts; undefined when nobody did. */
export function brokenGlass(evidence: readonly Evidence[]): BrokenGlass | undefined {
  const last = evidence.findLast(({ claim, flaw }) => claim === "break-glass/production" && flaw === undefined);
  const { data } = reasonSchema.safeParse(last?.statement?.predicate);
  return data && last?.finishedOn && { ...data, on: last.finishedOn };
}

export interface Demands extends EvidenceOptions {
  /** By which rules production's changes are approved; without them nobody has to. */
  approvals?: ApprovalRules;
}

/**
 * Why a release may not come to production, whatever it has proved: somebody rejected it, or not enough people approved it. Who wrote its
 * commit, and what change exactly they approved, only the pipeline can tell.
 */
function unapproved(evidence: readonly Evidence[], rules: ApprovalRules): string[] {
  const decisions = decisionsIn(evidence);
  const rejection = rejectionIn(decisions);
  if (rejection) return [`${rejection.signer} rejected it${rejection.reason ? `: ${rejection.reason}` : ""}`];
  // What was in production before was approved when it came.
  const was = evidence.some(({ claim, flaw }) => claim === "deploy/production" && flaw === undefined);
  if (rules.approvers === 0 || was) return [];
  const nobody = { authors: [], signers: [] };
  const { lacking, counting } = standing(decisions, {
    rules: { ...rules, approveOwn: true },
    involved: nobody,
    now: new Date(),
  });
  return lacking > 0 ? [`${counting.length} of the ${rules.approvers} people who have to approved it`] : [];
}

/**
 * Why evidence does not help a release that lacks it: for each claim its own that does not count, else the newest that another release of
 * its images earned, as nobody would otherwise see why what is attached to them is not enough.
 */
async function whyNot(
  release: Release,
  own: readonly Evidence[],
  lacking: readonly Claim[],
  options: EvidenceOptions,
): Promise<Evidence[]> {
  const flawed = own.filter(({ claim, flaw }) => flaw !== undefined && (!claim || lacking.includes(claim)));
  const without = lacking.filter((wanted) => !flawed.some(({ claim }) => claim === wanted));
  if (without.length === 0) return flawed;
  const attached = await checked(release, { images: release.images }, options);
  const others = without.map((wanted) => attached.findLast(({ claim }) => claim === wanted));
  return [...flawed, ...others.filter((other) => other !== undefined)].toSorted(inOrder);
}

/**
 * Makes sure that a release has proved what an environment demands.
 * @throws EvidenceError naming what is missing, and what there is that does not count
 * @throws RegistryError when the registry does not answer
 */
export async function assertProved(environment: EnvironmentName, release: Release, options: Demands): Promise<void> {
  const { evidence, missing } = await evidenceOf(release, options);
  if (environment === "production" && brokenGlass(evidence)) return;
  const lacking = demandedBy(environment).filter((claim) => missing.includes(claim));
  const name = releaseName(release);
  const [no] = environment === "production" && options.approvals ? unapproved(evidence, options.approvals) : [];
  if (no) throw new EvidenceError(`${name} may not run in production: ${no}`);
  if (lacking.length === 0) return;
  const flawed = await whyNot(release, evidence, lacking, options);
  const lines = [
    `${name} may not run in ${environment}: there is no evidence that counts of ${lacking.join(", ")}`,
    ...flawed.map(({ claim, digest, flaw }) => `  ${claim ?? digest.slice(0, 19)}: ${flaw}`),
    `  It earns what it lacks by: npm run promote -- ${short(release.commit)}`,
  ];
  throw new EvidenceError(lines.join("\n"));
}
