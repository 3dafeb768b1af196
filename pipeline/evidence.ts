import { type Claim, claims } from "../evidence/claims.ts";
import { trustedKeys } from "../evidence/project.ts";
import { misfits, type Statement, stepField } from "../evidence/statement.ts";
import { type Found, findEvidence } from "../evidence/store.ts";
import { RegistryError } from "../registry/client.ts";
import type { Release } from "../settings/release.ts";
import { PrerequisiteError, UsageError } from "./errors.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { builtRelease } from "./release.ts";

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

/** The environment that a claim is about. */
const environmentOf = (claim: Claim): string | undefined => claim.split("/")[1];

function told({ digest, statement, signer, flaw }: Found, release: Release): Evidence {
  if (!statement) return { digest, ...(flaw ? { flaw } : {}) };
  const { claim, startedOn, finishedOn, runBy } = statement.predicate[stepField];
  const [reason] = [...(flaw ? [flaw] : []), ...misfits(statement, release, environmentOf(claim))];
  return {
    digest,
    claim,
    startedOn,
    finishedOn,
    runBy,
    ...(signer ? { signer: signer.name } : {}),
    statement,
    ...(reason ? { flaw: reason } : {}),
  };
}

const place = ({ claim }: Evidence): number => (claim ? claims.indexOf(claim) : claims.length);

const inOrder = (one: Evidence, other: Evidence): number =>
  place(one) - place(other) || Number(one.finishedOn ?? 0) - Number(other.finishedOn ?? 0);

/**
 * All evidence of a release, checked.
 * @throws RegistryError when the registry does not answer
 */
export async function evidenceOf(release: Release, signal: AbortSignal): Promise<ReleaseEvidence> {
  const found = await findEvidence(release, await trustedKeys(), signal);
  const evidence = found.map((one) => told(one, release)).toSorted(inOrder);
  const proved = new Set(evidence.filter(({ flaw }) => flaw === undefined).map(({ claim }) => claim));
  return { release, evidence, missing: claims.filter((claim) => !proved.has(claim)) };
}

/**
 * All evidence of the release that was built from a commit.
 * @param name what git knows the commit by
 * @throws UsageError when nothing was built from it
 */
export async function evidenceOfCommit(name: string, signal: AbortSignal): Promise<ReleaseEvidence> {
  await assertRepository();
  const release = await builtRelease(await resolveCommit(name), signal);
  if (!release) {
    throw new UsageError(`Nothing was built from ${name} yet, so there is nothing that it has proved`, {
      next: `npm run promote -- ${name}`,
    });
  }
  return evidenceOf(release, signal).catch((error: unknown) => {
    if (error instanceof RegistryError) {
      throw new PrerequisiteError(error.message, {
        cause: error,
        next: "npm run promote (it looks after the registry)",
      });
    }
    throw error;
  });
}
