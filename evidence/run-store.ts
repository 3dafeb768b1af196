import { Registry, RegistryError } from "../registry/client.ts";
import { tagsOf } from "../registry/tags.ts";
import { short } from "../settings/release.ts";
import { open, seal } from "./dsse.ts";
import { EvidenceError } from "./errors.ts";
import type { SigningKey } from "./keys.ts";
import { type Run, readRun, writeRun } from "./run.ts";
import {
  envelopeIn,
  envelopesUnder,
  isRunTag,
  type Layer,
  layerOf,
  putEnvelopes,
  runsRepository,
  tagOf,
} from "./run-artifact.ts";
import { Bundles, bundleUp, isBundleTag } from "./run-bundles.ts";
import { statementType } from "./statement.ts";
import { envelopeType } from "./store.ts";
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

/**
 * Signs a run and has a registry keep it.
 * @throws RegistryError
 */
export async function keepRun(host: string, run: Run, key: SigningKey, signal?: AbortSignal): Promise<void> {
  const registry = new Registry(host, signal ? { signal } : {});
  const repository = runsRepository(run.application);
  const statement = writeRun(run);
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(seal(statementType, statement, key))));
  const tag = tagOf(run, statement);
  const blob = await registry.putBlob(repository, bytes, envelopeType);
  await putEnvelopes(registry, repository, tag, [layerOf(blob, bytes)]);
  // Is of use to whoever reads, and not for this run; where it fails, the next one tries again.
  await bundleUp(registry, repository, await tagsOf(registry, repository)).catch((error: unknown) => {
    if (!(error instanceof RegistryError)) throw error;
  });
}

interface Place {
  registry: Registry;
  application: string;
  keys: readonly TrustedKey[];
  bundles: Bundles;
  known: ReadonlyMap<string, KeptRun>;
}

/** Makes sure that an envelope is of the run that the tag is of, and that a key that counts signed it. */
function check({ application, keys }: Place, tag: string, layer: Layer): KeptRun {
  const { payload, signers } = open(envelopeIn(layer), statementType, keys);
  const run = readRun(payload);
  if (run.application !== application) throw new EvidenceError("it is about another application");
  if (tagOf(run, payload) !== tag) throw new EvidenceError("it is kept under another tag than its own");
  const doubts = signers.map((signer) => distrust(signer, "run", run.finishedOn));
  const counting = signers[doubts.indexOf(undefined)];
  if (!counting) throw new EvidenceError(doubts[0] as string);
  return { ...run, tag, signer: counting.name };
}

/** A run out of a bundle; undefined where that has not got it, or not as it has to be. */
async function fromBundle(place: Place, tag: string): Promise<KeptRun | undefined> {
  const layer = await place.bundles.find(tag);
  try {
    return layer && check(place, tag, layer);
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

async function read(place: Place, tag: string): Promise<KeptRun> {
  const known = place.known.get(tag);
  if (known) return known;
  if (!isRunTag(tag)) throw new EvidenceError("its tag is not one of a run");
  const inBundle = await fromBundle(place, tag);
  if (inBundle) return inBundle;
  const [layer] = await envelopesUnder(place.registry, runsRepository(place.application), tag);
  return check(place, tag, layer as Layer);
}

/** Reads one run, and says what is wrong with it rather than throw. */
const examine = (place: Place, tag: string): Promise<KeptRun | FlawedRun> =>
  read(place, tag).catch((error: unknown) => {
    const ofTheRun = error instanceof EvidenceError || (error instanceof RegistryError && error.isOfContent);
    if (ofTheRun) return { tag, flaw: error.message };
    throw error;
  });

/** How many are read at first; more each time, since whoever reads on reads much. */
const firstBatch = 32;

export interface FindRunsOptions {
  /** At least so many, if there are. Without it and `since`, all. */
  limit?: number;
  /** At least those that ended since then, if there are, and one before it. */
  since?: Date;
  /** Those of one commit only. */
  commit?: string;
  /** Those that were read before, by their tags, and checked by the same keys: they are not read again. */
  known?: ReadonlyMap<string, KeptRun>;
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
  { limit, since, commit, known = new Map(), signal }: FindRunsOptions = {},
): Promise<FoundRuns> {
  const registry = new Registry(host, signal ? { signal } : {});
  const repository = runsRepository(application);
  const all = await tagsOf(registry, repository);
  const place = { registry, application, keys, bundles: new Bundles(registry, repository, all), known };
  const own = all.filter((tag) => !isBundleTag(tag));
  const wanted = commit === undefined ? own : own.filter((tag) => tag.includes(`-${short(commit)}-`));
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
  for (let at = 0, next = firstBatch; at < tags.length && !enough(); at += next, next *= 2) {
    for (const one of await Promise.all(tags.slice(at, at + next).map((tag) => examine(place, tag)))) {
      if ("flaw" in one) found.flawed.push(one);
      else if (commit === undefined || one.commit === commit) found.runs.push(one);
    }
  }
  return found;
}
