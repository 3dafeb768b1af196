import { z } from "zod";

import { findEvidence } from "../evidence/store.ts";
import type { TrustedKey } from "../evidence/trust.ts";
import { Registry, RegistryError } from "../registry/client.ts";
import { type BuiltImage, builtImage } from "./built-image.ts";
import { markInUse } from "./in-use.ts";

/** The tag of the image that was last built from some inputs. */
export const inputsTag = (inputs: string): string => `inputs-${inputs}`;

export const isInputsTag = (tag: string): boolean => /^inputs-[0-9a-f]{64}$/.test(tag);

/** What the provenance of a build says of each image, beside the step. */
const provenance = z.object({
  buildDefinition: z.object({
    internalParameters: z.object({ images: z.record(z.string(), z.object({ inputs: z.string() })) }),
  }),
});

/** Which image of an application is wanted, and what it is built from. */
export interface Wanted {
  /** `host:port` of the registry. */
  registry: string;
  application: string;
  name: string;
  inputs: string;
  /** The first 12 digits of the commit that wants it. */
  tag: string;
}

export interface Limits {
  keys: readonly TrustedKey[];
  /** How old an image may be at most, in days: what it began with is not known to be as it was. */
  days: number;
  signal: AbortSignal;
}

const day = 86_400_000;

/** Whether somebody whose word counts says of an image that it was built from these inputs. */
async function isProved({ registry, application, name, inputs }: Wanted, digest: string, limits: Limits) {
  const repository = `${application}/${name}`;
  const found = await findEvidence(
    { images: { [name]: `${registry}/${repository}@${digest}` } },
    limits.keys,
    limits.signal,
  );
  return found.some(({ statement, flaw }) => {
    if (flaw !== undefined || !statement) return false;
    const { data } = provenance.safeParse(statement.predicate);
    const subject = { name: repository, sha256: digest.slice("sha256:".length) };
    const isOfIt = statement.subject.some((one) => one.name === subject.name && one.digest.sha256 === subject.sha256);
    return isOfIt && data?.buildDefinition.internalParameters.images[name]?.inputs === inputs;
  });
}

/** The image, unless it is too old or nobody vouches for it. */
async function counting(wanted: Wanted, found: BuiltImage, limits: Limits): Promise<BuiltImage | undefined> {
  const isNew = found.created !== undefined && Date.now() - found.created.getTime() < limits.days * day;
  return isNew && (await isProved(wanted, found.digest, limits)) ? found : undefined;
}

/**
 * Has a commit's release take over an image that was built from the same inputs before, signed as such by a key that counts.
 * @returns the image and what lets a prune take it once more; undefined where there is none that can be taken over
 * @throws RegistryError when the registry does not answer
 */
export async function takeOver(
  wanted: Wanted,
  limits: Limits,
): Promise<{ image: BuiltImage; letGo: () => Promise<void> } | undefined> {
  const { registry: host, application, name, inputs, tag } = wanted;
  const repository = `${application}/${name}`;
  const registry = new Registry(host, { signal: limits.signal });
  const found = await builtImage(registry, repository, inputsTag(inputs));
  if (!found) return undefined;
  const letGo = await markInUse({ registry: host, repository, commit: found.builtFrom }, limits.signal);
  try {
    const image = await counting(wanted, found, limits);
    if (image) {
      await registry.tag(repository, image.digest, tag);
      return { image, letGo };
    }
  } catch (error) {
    // A prune may have taken it meanwhile, in whole or in part: then it is built.
    if (!(error instanceof RegistryError && [400, 404].includes(error.status ?? 0))) {
      await letGo();
      throw error;
    }
  }
  await letGo();
  return undefined;
}
