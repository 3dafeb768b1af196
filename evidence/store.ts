import { z } from "zod";

import { type Descriptor, Registry, RegistryError } from "../registry/client.ts";
import { attach, referrers } from "../registry/referrers.ts";
import { placeOf, type Release } from "../settings/release.ts";
import { type Envelope, open, seal } from "./dsse.ts";
import { EvidenceError } from "./errors.ts";
import type { SigningKey } from "./keys.ts";
import { readStatement, type Statement, statementType, stepField } from "./statement.ts";
import { distrust, type TrustedKey } from "./trust.ts";

export const envelopeType = "application/vnd.dsse.envelope.v1+json";
export const predicateAnnotation = "in-toto.io/predicate-type";

/** How large an envelope may be at most, in bytes. */
const envelopeLimit = 4 * 1024 * 1024;

/** A piece of evidence as the registry holds it. */
export interface Found {
  /** The digest of the artifact that holds it. */
  digest: string;
  /** What it says; absent where it cannot be read. */
  statement?: Statement;
  /** Whose word it is. */
  signer?: TrustedKey;
  /** Why it does not count; absent where it does. */
  flaw?: string;
}

/** The commit that a piece of evidence is about: images that a commit did not change are of several releases. */
export const commitAnnotation = "org.opencontainers.image.revision";

const placesOf = ({ images }: Pick<Release, "images">) => Object.values(images).map(placeOf);

/**
 * Signs a statement and attaches it to every image of the release.
 * @throws RegistryError
 */
export async function attachEvidence(
  release: Pick<Release, "images">,
  statement: Buffer,
  key: SigningKey,
  signal?: AbortSignal,
): Promise<void> {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(seal(statementType, statement, key))));
  const { predicateType, predicate } = readStatement(statement);
  const annotations = {
    [predicateAnnotation]: predicateType,
    [commitAnnotation]: predicate[stepField].commit,
    "org.opencontainers.image.created": new Date().toISOString(),
  };
  for (const { host, repository, digest } of placesOf(release)) {
    const registry = new Registry(host, signal ? { signal } : {});
    await attach(registry, repository, digest, { type: statementType, mediaType: envelopeType, bytes, annotations });
  }
}

/** Whether something attached may be about a commit: it is what it says or does not say; what it proves is looked at afterwards. */
const isAbout = (annotations: Descriptor["annotations"], commit: string | undefined): boolean => {
  const about = annotations?.[commitAnnotation];
  return about === undefined || commit === undefined || about === commit;
};

const artifact = z.object({ layers: z.array(z.object({ mediaType: z.string(), digest: z.string() })).min(1) });

async function envelopeOf(registry: Registry, repository: string, { digest }: Descriptor): Promise<Envelope> {
  const manifest = await registry.manifest(repository, digest);
  if (!manifest) throw new EvidenceError("the registry lists it, and does not have it");
  const layer = artifact.safeParse(manifest.content).data?.layers.find(({ mediaType }) => mediaType === envelopeType);
  if (!layer) throw new EvidenceError("it holds no envelope");
  const blob = await registry.blob(repository, layer.digest, envelopeLimit);
  try {
    return JSON.parse(blob.toString("utf8")) as Envelope;
  } catch {
    throw new EvidenceError("its envelope is not JSON");
  }
}

/** Reads one piece of evidence, and says what is wrong with it rather than throw. */
async function examine(
  registry: Registry,
  repository: string,
  descriptor: Descriptor,
  keys: readonly TrustedKey[],
): Promise<Found> {
  const { digest } = descriptor;
  try {
    const { payload, signers } = open(await envelopeOf(registry, repository, descriptor), statementType, keys);
    const statement = readStatement(payload);
    const { claim, finishedOn } = statement.predicate[stepField];
    const doubts = signers.map((signer) => distrust(signer, claim, finishedOn));
    const counting = doubts.indexOf(undefined);
    const signer = signers[Math.max(counting, 0)] as TrustedKey;
    return { digest, statement, signer, ...(counting < 0 ? { flaw: doubts[0] as string } : {}) };
  } catch (error) {
    if (error instanceof EvidenceError) return { digest, flaw: error.message };
    // A content that is not the one that was listed is a flaw of the evidence; a registry that does not answer is none.
    if (error instanceof RegistryError && error.isOfContent) return { digest, flaw: error.message };
    throw error;
  }
}

/**
 * A piece of evidence as it is kept, for whoever wants to check it with other means.
 * @param digest of the artifact that holds it, as `findEvidence` gives it
 * @returns undefined where there is none of that digest
 * @throws EvidenceError when it is something else, RegistryError when the registry does not answer
 */
export async function keptEnvelope(
  release: Pick<Release, "images">,
  digest: string,
  signal?: AbortSignal,
): Promise<Envelope | undefined> {
  const [place] = placesOf(release);
  if (!place) return undefined;
  const registry = new Registry(place.host, signal ? { signal } : {});
  const attached = await referrers(registry, place.repository, place.digest);
  const descriptor = attached.find((one) => one.digest === digest);
  return descriptor && envelopeOf(registry, place.repository, descriptor);
}

/**
 * All evidence of a release that is attached to the first of its images; a statement names all of them.
 * @param release without its commit, of all releases that have the image
 * @throws RegistryError when the registry does not answer
 */
export async function findEvidence(
  release: Pick<Release, "images"> & Partial<Pick<Release, "commit">>,
  keys: readonly TrustedKey[],
  signal?: AbortSignal,
): Promise<Found[]> {
  const [place] = placesOf(release);
  if (!place) return [];
  const registry = new Registry(place.host, signal ? { signal } : {});
  const attached = await referrers(registry, place.repository, place.digest);
  const own = attached.filter(
    ({ artifactType, annotations }) =>
      (artifactType === undefined || artifactType === statementType) && isAbout(annotations, release.commit),
  );
  return Promise.all(own.map((one) => examine(registry, place.repository, one, keys)));
}
