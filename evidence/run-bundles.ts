import { type Registry, RegistryError } from "../registry/client.ts";
import { EvidenceError } from "./errors.ts";
import { envelopesUnder, isRunTag, type Layer, putEnvelopes, tagged, tagIn } from "./run-artifact.ts";

/**
 * Every so many runs are put into one artifact more, from which all of them are read with one request: to read a thousand of them one
 * by one takes seconds. Each is signed as before, and what a bundle lacks, or has wrong, is read by its own tag.
 */
export const bundled = 50;

/** So that no bundle is larger than a manifest may be, a larger run is left to its own tag. */
const sizeLimit = 70_000;

/** A bundle by its tag, which says between which tags the runs are that it holds. */
interface Bundle {
  tag: string;
  from: string;
  to: string;
}

const pattern = /^bundle-(\d{8}T\d{9}Z)-(\d{8}T\d{9}Z)$/;

const stampOf = (tag: string): string => tag.slice(0, tag.indexOf("-"));

function bundlesIn(tags: readonly string[]): Bundle[] {
  return tags.flatMap((tag) => {
    const [, from = "", to = ""] = pattern.exec(tag) ?? [];
    return from === "" ? [] : [{ tag, from, to }];
  });
}

export const isBundleTag = (tag: string): boolean => pattern.test(tag);

/** What is wrong with one run's artifact is no reason to leave out others. */
const noneOf = (error: unknown): Layer[] => {
  if (error instanceof EvidenceError || error instanceof RegistryError) return [];
  throw error;
};

/**
 * Puts the oldest runs that came after the last bundle into another one, once there are enough of them.
 * @param tags all of the repository
 * @throws RegistryError
 */
export async function bundleUp(registry: Registry, repository: string, tags: readonly string[]): Promise<void> {
  const last = bundlesIn(tags)
    .map(({ to }) => to)
    .toSorted()
    .at(-1);
  const loose = tags.filter((tag) => isRunTag(tag) && stampOf(tag) > (last ?? "")).toSorted();
  if (loose.length < bundled) return;
  const chosen = loose.slice(0, bundled);
  const all = await Promise.all(
    chosen.map(async (tag) => {
      const [layer] = await envelopesUnder(registry, repository, tag).catch(noneOf);
      return layer ? [tagged(layer, tag)] : [];
    }),
  );
  const layers = all.flat().filter(({ data }) => data.length <= sizeLimit);
  if (layers.length === 0) return;
  const [from = "", to = ""] = [chosen[0], chosen.at(-1)].map((tag) => stampOf(tag ?? ""));
  await putEnvelopes(registry, repository, `bundle-${from}-${to}`, layers);
}

/** Reads runs' envelopes out of bundles, each of which is read once, when it is needed. */
export class Bundles {
  readonly #registry: Registry;
  readonly #repository: string;
  readonly #bundles: readonly Bundle[];
  readonly #read = new Map<string, Promise<Map<string, Layer>>>();

  constructor(registry: Registry, repository: string, tags: readonly string[]) {
    this.#registry = registry;
    this.#repository = repository;
    this.#bundles = bundlesIn(tags);
  }

  /** The envelope of a run, if a bundle has it. */
  async find(tag: string): Promise<Layer | undefined> {
    const stamp = stampOf(tag);
    const bundle = this.#bundles.find(({ from, to }) => from <= stamp && stamp <= to);
    return bundle && (await this.#layers(bundle)).get(tag);
  }

  #layers({ tag }: Bundle): Promise<Map<string, Layer>> {
    const known = this.#read.get(tag);
    if (known) return known;
    const layers = envelopesUnder(this.#registry, this.#repository, tag).catch(noneOf);
    const reading = layers.then((all) => new Map(all.map((layer) => [tagIn(layer), layer])));
    this.#read.set(tag, reading);
    return reading;
  }
}
