import { createHash } from "node:crypto";
import { z } from "zod";

import { digestOfBytes, mediaTypes, Registry, RegistryError } from "../registry/client.ts";
import { emptyConfig } from "../registry/referrers.ts";
import { tagsOf } from "../registry/tags.ts";
import { short } from "../settings/release.ts";
import { open, seal } from "./dsse.ts";
import { EvidenceError } from "./errors.ts";
import type { SigningKey } from "./keys.ts";
import { type Run, readRun, runPredicate, writeRun } from "./run.ts";
import { statementType } from "./statement.ts";
import { envelopeType, predicateAnnotation } from "./store.ts";
import { distrust, type TrustedKey } from "./trust.ts";

/** A run by the word of somebody who is trusted. */
export interface KeptRun extends Run {
  /** The tag that it is kept under. */
  tag: string;
  /** Whose key signed it. */
  signer: string;
}

/** What is kept as a run and does not count. */
export interface FlawedRun {
  tag: string;
  /** Why not. */
  flaw: string;
}

/** Runs, newest first. */
export interface FoundRuns {
  runs: KeptRun[];
  /** Those that were met on the way. */
  flawed: FlawedRun[];
}

/** Where an application's runs are kept, beside its images rather than with them: a run may have none. */
export const runsRepository = (application: string): string => `slipway/runs/${application}`;

/** `20260131T120000123Z`: its letters sort as its times do. */
const stamp = (at: Date): string => at.toISOString().replaceAll(/[-:.]/g, "");

/**
 * The one tag that a run can be kept under: when it ended, of which commit, and what it says. So the list of tags tells order and
 * commits without a look at any of them, and a run that is kept a second time, to count twice, has another tag than its own.
 */
const tagOf = ({ finishedOn, commit }: Run, statement: Buffer): string =>
  [stamp(finishedOn), short(commit), createHash("sha256").update(statement).digest("hex").slice(0, 16)].join("-");

const tagPattern = /^\d{8}T\d{9}Z-[0-9a-f]{12}-[0-9a-f]{16}$/;

/**
 * Signs a run and has a registry keep it, as an artifact whose manifest carries it, so that reading it takes one request.
 * @throws RegistryError
 */
export async function keepRun(host: string, run: Run, key: SigningKey, signal?: AbortSignal): Promise<void> {
  const registry = new Registry(host, signal ? { signal } : {});
  const repository = runsRepository(run.application);
  const statement = writeRun(run);
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(seal(statementType, statement, key))));
  const config = await registry.putBlob(repository, emptyConfig.bytes, emptyConfig.mediaType);
  const layer = await registry.putBlob(repository, bytes, envelopeType);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: statementType,
    config,
    layers: [{ ...layer, data: Buffer.from(bytes).toString("base64") }],
    annotations: {
      [predicateAnnotation]: runPredicate,
      "org.opencontainers.image.created": run.finishedOn.toISOString(),
    },
  };
  await registry.putManifest(repository, manifest, tagOf(run, statement));
}

const artifact = z.object({
  layers: z.tuple([z.object({ mediaType: z.literal(envelopeType), digest: z.string(), data: z.base64() })]),
});

function envelopeIn(content: unknown): unknown {
  const [layer] = artifact.safeParse(content).data?.layers ?? [];
  if (!layer) throw new EvidenceError("it holds no envelope");
  const bytes = Buffer.from(layer.data, "base64");
  if (digestOfBytes(bytes) !== layer.digest) throw new EvidenceError("its envelope is not what its digest says");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new EvidenceError("its envelope is not JSON");
  }
}

interface Place {
  registry: Registry;
  application: string;
  keys: readonly TrustedKey[];
}

async function read({ registry, application, keys }: Place, tag: string): Promise<KeptRun> {
  if (!tagPattern.test(tag)) throw new EvidenceError("its tag is not one of a run");
  const manifest = await registry.manifest(runsRepository(application), tag);
  if (!manifest) throw new EvidenceError("the registry lists it, and does not have it");
  const { payload, signers } = open(envelopeIn(manifest.content), statementType, keys);
  const run = readRun(payload);
  if (run.application !== application) throw new EvidenceError("it is about another application");
  if (tagOf(run, payload) !== tag) throw new EvidenceError("it is kept under another tag than its own");
  const doubts = signers.map((signer) => distrust(signer, "run", run.finishedOn));
  const counting = signers[doubts.indexOf(undefined)];
  if (!counting) throw new EvidenceError(doubts[0] as string);
  return { ...run, tag, signer: counting.name };
}

/** Reads one run, and says what is wrong with it rather than throw. */
const examine = (place: Place, tag: string): Promise<KeptRun | FlawedRun> =>
  read(place, tag).catch((error: unknown) => {
    const ofTheRun = error instanceof EvidenceError || (error instanceof RegistryError && error.cause === undefined);
    if (ofTheRun) return { tag, flaw: error.message };
    throw error;
  });

/** How many are read at once. */
const batch = 32;

export interface FindRunsOptions {
  /** At least so many, if there are. Without it and `since`, all. */
  limit?: number;
  /** At least those that ended since then, if there are, and one before it. */
  since?: Date;
  /** Those of one commit only. */
  commit?: string;
  signal?: AbortSignal;
}

/**
 * How an application's runs ended, by those whose word counts, newest first.
 * @throws RegistryError when the registry does not answer
 */
export async function findRuns(
  host: string,
  application: string,
  keys: readonly TrustedKey[],
  { limit, since, commit, signal }: FindRunsOptions = {},
): Promise<FoundRuns> {
  const registry = new Registry(host, signal ? { signal } : {});
  const place = { registry, application, keys };
  const all = await tagsOf(registry, runsRepository(application));
  const wanted = commit === undefined ? all : all.filter((tag) => tag.includes(`-${short(commit)}-`));
  const tags = wanted.toSorted().toReversed();
  const found: FoundRuns = { runs: [], flawed: [] };
  const enough = (): boolean => {
    const oldest = found.runs.at(-1)?.finishedOn;
    return (
      (limit !== undefined || since !== undefined) &&
      found.runs.length >= (limit ?? 0) &&
      (since === undefined || (oldest !== undefined && oldest < since))
    );
  };
  for (let at = 0; at < tags.length && !enough(); at += batch) {
    for (const one of await Promise.all(tags.slice(at, at + batch).map((tag) => examine(place, tag)))) {
      if ("flaw" in one) found.flawed.push(one);
      else if (commit === undefined || one.commit === commit) found.runs.push(one);
    }
  }
  return found;
}
