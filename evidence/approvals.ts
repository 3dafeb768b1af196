import { z } from "zod";

import type { EnvironmentSettings } from "../settings/environment.ts";
import { type Claim, decided } from "./claims.ts";
import type { Evidence } from "./of-release.ts";

const approvalClaim: Claim = "approval/production";

/** Somebody who says who they are to whoever holds the key, rather than by a key of their own. */
export interface Person {
  name: string;
  emails: readonly string[];
}

const schema = z.object({
  decision: z.enum(["approved", "rejected"]),
  diff: z.object({ sha256: z.string() }),
  approver: z.string().max(500),
  person: z.object({ name: z.string().max(100), emails: z.array(z.string().max(320)).max(20) }).optional(),
  reason: z.string().max(2_000).optional(),
});

/** What somebody decided about a release and production, and about which change of it. */
export interface Decision {
  decision: "approved" | "rejected";
  /** SHA-256 of the diff that they were shown. */
  diff: string;
  approver: string;
  /** Whose key signed it, or for whom who has that key vouches. */
  signer: string;
  emails: readonly string[];
  reason?: string;
  on: Date;
}

/** Whose word it is that a key gives: that of who has it, unless they vouch for another one. */
export const wordOf = (
  { name, emails, vouches }: Person & { vouches: boolean },
  person: Person | undefined,
): Approver =>
  person && vouches ? { signer: `${person.name}, by ${name}`, emails: person.emails } : { signer: name, emails };

function decisionIn({
  claim: of,
  flaw,
  statement,
  finishedOn,
  signer = "",
  emails = [],
  vouches = false,
}: Evidence): Decision[] {
  if (of !== approvalClaim || flaw !== undefined || !finishedOn) return [];
  const { data } = schema.safeParse(statement?.predicate);
  if (!data) return [];
  const { decision, approver, diff, reason, person } = data;
  const word = wordOf({ name: signer, emails, vouches }, person);
  const said = { decision, approver, ...word, diff: diff.sha256, on: finishedOn };
  return [{ ...said, ...(reason === undefined ? {} : { reason }) }];
}

/** What was decided about a release by those whose word counts, in the order in which they did. */
export const decisionsIn = (evidence: readonly Evidence[]): Decision[] =>
  evidence.flatMap(decisionIn).toSorted((one, other) => one.on.getTime() - other.on.getTime());

/** Who rejected a release, which is for good; undefined when nobody did. */
export const rejectionIn = (decisions: readonly Decision[]): Decision | undefined =>
  decisions.find(({ decision }) => decision === "rejected");

/** Who may approve a change of production, and for how long. */
export type ApprovalRules = Pick<EnvironmentSettings, "approvers" | "approveOwn" | "approvalHours">;

/** Who has a part in a release already. */
export interface Involved {
  /** The e-mail addresses of who wrote the commit. */
  authors: readonly string[];
  /** Whose keys signed what its steps proved. */
  signers: readonly string[];
}

/** What the approvals of a release come to. */
export interface Standing {
  /** Those that count for exactly this change, one of each person. */
  counting: Decision[];
  /** Those that do not, and why. */
  void: { decision: Decision; reason: string }[];
  /** How many are still to come. */
  lacking: number;
}

/** Whose word is looked at. */
export type Approver = Pick<Decision, "signer" | "emails">;

const isDecided = (claim: Claim | undefined): boolean => claim === undefined || decided.includes(claim);

/** Whose keys signed what a release's steps proved. */
export const signersOf = (evidence: readonly Evidence[]): string[] =>
  evidence.flatMap(({ claim, flaw, signer }) => (isDecided(claim) || flaw !== undefined || !signer ? [] : [signer]));

/** Why somebody may not approve a release; undefined when they may. */
export function barred(
  { signer, emails }: Approver,
  { approveOwn }: Pick<ApprovalRules, "approveOwn">,
  { authors, signers }: Involved,
): string | undefined {
  if (approveOwn) return undefined;
  if (signers.includes(signer)) return `${signer} ran its steps, and others have to approve it`;
  if (emails.length === 0) {
    return `no e-mail address of ${signer} is known, who may have written the commit (trusted-keys.yaml, or the dashboard's users)`;
  }
  const own = authors.map((author) => author.toLowerCase());
  if (emails.some((email) => own.includes(email.toLowerCase()))) {
    return `${signer} wrote the commit, and others have to approve it`;
  }
  return undefined;
}

/** Whether two are one person, who may have a key and a login. */
const isSame = (one: Approver, other: Approver): boolean =>
  one.signer === other.signer ||
  one.emails.some((email) => other.emails.some((another) => another.toLowerCase() === email.toLowerCase()));

const hour = 3_600_000;

/**
 * Which approvals count for one change of production.
 * @param hash of that change; without one, those of any change do
 */
export function standing(
  decisions: readonly Decision[],
  { hash, rules, involved, now }: { hash?: string; rules: ApprovalRules; involved: Involved; now: Date },
): Standing {
  let counting: Decision[] = [];
  const refused: Standing["void"] = [];
  for (const decision of decisions.filter((one) => one.decision === "approved")) {
    const old = now.getTime() - decision.on.getTime() > rules.approvalHours * hour;
    const reason =
      barred(decision, rules, involved) ??
      (old ? `it is older than ${rules.approvalHours} hours` : undefined) ??
      (hash !== undefined && decision.diff !== hash
        ? "it is of another change than the one that would be made now"
        : undefined);
    if (reason === undefined) counting = [...counting.filter((one) => !isSame(one, decision)), decision];
    else refused.push({ decision, reason });
  }
  const lacking = Math.max(Math.max(rules.approvers, 1) - counting.length, 0);
  return { counting, void: refused, lacking };
}
