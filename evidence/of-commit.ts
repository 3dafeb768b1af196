import { z } from "zod";

import { Registry } from "../registry/client.ts";
import type { Claim } from "./claims.ts";
import { open, seal } from "./dsse.ts";
import { EvidenceError } from "./errors.ts";
import type { SigningKey } from "./keys.ts";
import { envelopeIn, envelopesUnder, layerOf, putEnvelopes } from "./run-artifact.ts";
import { type StepClaim, statementType, statementVersion, stepField, stepSchema } from "./statement.ts";
import { envelopeType } from "./store.ts";
import { distrust, type TrustedKey } from "./trust.ts";

/** What a commit proved before it had images to attach that to. */
export interface EarlyEvidence {
  /** The digest of the envelope that holds it. */
  digest: string;
  predicateType: string;
  /** What the predicate says beside the step. */
  fields: Record<string, unknown>;
  step: StepClaim;
  /** Whose key signed it. */
  signer: string;
}

const gitCommit = z.string().regex(/^[0-9a-f]{40}$/);
const schema = z.object({
  _type: z.literal(statementVersion),
  subject: z.tuple([z.object({ name: z.string().max(500), digest: z.object({ gitCommit }) })]),
  predicateType: z.string().max(200),
  predicate: z.looseObject({ [stepField]: stepSchema }),
});

const repositoryOf = (application: string): string => `slipway/commits/${application}`;

/** One for each commit: what is proved again is kept in its place. */
const tagOf = (claim: Claim, commit: string): string => `${claim.replace("/", "-")}-${commit}`;

/**
 * Signs what a step proved of a commit, and has a registry keep it until there are images.
 * @throws RegistryError
 */
export async function keepEarly(
  host: string,
  step: StepClaim,
  { type, fields }: { type: string; fields: Record<string, unknown> },
  key: SigningKey,
  signal?: AbortSignal,
): Promise<void> {
  const registry = new Registry(host, signal ? { signal } : {});
  const repository = repositoryOf(step.application);
  const subject = [{ name: step.application, digest: { gitCommit: step.commit } }];
  const predicate = { ...fields, [stepField]: step };
  const statement = Buffer.from(JSON.stringify({ _type: statementVersion, subject, predicateType: type, predicate }));
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(seal(statementType, statement, key))));
  const blob = await registry.putBlob(repository, bytes, envelopeType);
  await putEnvelopes(registry, repository, tagOf(step.claim, step.commit), [layerOf(blob, bytes)], type);
}

function statementIn(payload: Buffer): z.output<typeof schema> {
  try {
    return schema.parse(JSON.parse(payload.toString("utf8")));
  } catch {
    throw new EvidenceError("it is no statement of a step about a commit");
  }
}

const day = 86_400_000;

/**
 * What a commit proved in one step before it had images; undefined where nothing counts, which is then proved again.
 * @param days how old it may be at most
 * @throws RegistryError when the registry does not answer
 */
export async function earlyEvidence(
  host: string,
  { claim, application, commit }: Pick<StepClaim, "claim" | "application" | "commit">,
  keys: readonly TrustedKey[],
  { days, signal }: { days: number; signal?: AbortSignal },
): Promise<EarlyEvidence | undefined> {
  const registry = new Registry(host, signal ? { signal } : {});
  try {
    const [layer] = await envelopesUnder(registry, repositoryOf(application), tagOf(claim, commit));
    if (!layer) return undefined;
    const { payload, signers } = open(envelopeIn(layer), statementType, keys);
    const { subject, predicateType, predicate } = statementIn(payload);
    const { [stepField]: step, ...fields } = predicate;
    const [about] = subject;
    const same = step.claim === claim && step.application === application && step.commit === commit;
    if (!same || about.digest.gitCommit !== commit || about.name !== application) return undefined;
    if (Date.now() - step.finishedOn.getTime() > days * day) return undefined;
    const signer = signers.find((key) => distrust(key, claim, step.finishedOn) === undefined);
    return signer && { digest: layer.digest, predicateType, fields, step, signer: signer.name };
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}
