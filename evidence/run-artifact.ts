import { createHash } from "node:crypto";
import { z } from "zod";

import { type Descriptor, digestOfBytes, mediaTypes, type Registry } from "../registry/client.ts";
import { emptyConfig } from "../registry/referrers.ts";
import { short } from "../settings/release.ts";
import { EvidenceError } from "./errors.ts";
import { type Run, runPredicate } from "./run.ts";
import { statementType } from "./statement.ts";
import { envelopeType, predicateAnnotation } from "./store.ts";

/** Where an application's runs are kept, beside its images rather than with them: a run may have none. */
export const runsRepository = (application: string): string => `slipway/runs/${application}`;

/** `20260131T120000123Z`: its letters sort as its times do. */
const stamp = (at: Date): string => at.toISOString().replaceAll(/[-:.]/g, "");

/**
 * The one tag that a run can be kept under: when it ended, of which commit, and what it says. So the list of tags tells order and
 * commits without a look at any of them, and a run that is kept a second time, to count twice, has another tag than its own.
 */
export const tagOf = ({ finishedOn, commit }: Run, statement: Buffer): string =>
  [stamp(finishedOn), short(commit), createHash("sha256").update(statement).digest("hex").slice(0, 16)].join("-");

export const isRunTag = (tag: string): boolean => /^\d{8}T\d{9}Z-[0-9a-f]{12}-[0-9a-f]{16}$/.test(tag);

const refName = "org.opencontainers.image.ref.name";

const layerSchema = z.object({
  mediaType: z.literal(envelopeType),
  digest: z.string(),
  size: z.int(),
  /** The content itself. */
  data: z.base64(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const schema = z.object({ layers: z.array(layerSchema).min(1).max(1_000) });

/** An envelope as a manifest carries it. */
export type Layer = z.output<typeof layerSchema>;

/** Writes envelopes that the repository has, as an artifact whose manifest carries them: to read all of them takes one request. */
export async function putEnvelopes(
  registry: Registry,
  repository: string,
  tag: string,
  layers: readonly Layer[],
): Promise<void> {
  const config = await registry.putBlob(repository, emptyConfig.bytes, emptyConfig.mediaType);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: statementType,
    config,
    layers,
    annotations: { [predicateAnnotation]: runPredicate },
  };
  await registry.putManifest(repository, manifest, tag);
}

/** The layer of an envelope. */
export const layerOf = ({ digest, size }: Descriptor, bytes: Uint8Array): Layer => ({
  mediaType: envelopeType,
  digest,
  size,
  data: Buffer.from(bytes).toString("base64"),
});

/** A layer that says which run it is of, by that one's tag. */
export const tagged = (layer: Layer, tag: string): Layer => ({ ...layer, annotations: { [refName]: tag } });

/** The tag that a layer says; whether that is right is seen from its content. */
export const tagIn = ({ annotations }: Layer): string => annotations?.[refName] ?? "";

/**
 * The envelopes that an artifact carries.
 * @throws RegistryError, and EvidenceError when it carries none
 */
export async function envelopesUnder(registry: Registry, repository: string, tag: string): Promise<Layer[]> {
  const manifest = await registry.manifest(repository, tag);
  if (!manifest) throw new EvidenceError("the registry lists it, and does not have it");
  const { data } = schema.safeParse(manifest.content);
  if (!data) throw new EvidenceError("it holds no envelope");
  return data.layers;
}

/** @throws EvidenceError */
export function envelopeIn(layer: Layer): unknown {
  const bytes = Buffer.from(layer.data, "base64");
  if (digestOfBytes(bytes) !== layer.digest) throw new EvidenceError("its envelope is not what its digest says");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new EvidenceError("its envelope is not JSON");
  }
}
