import { z } from "zod";

import { type Manifest, type Registry, RegistryError } from "../registry/client.ts";

/** What a build wrote into an image: the commit that it was built from. */
export const revisionLabel = "org.opencontainers.image.revision";

/** An image that was built from a commit, as a registry has it. */
export interface BuiltImage {
  /** Of what the tag names. */
  digest: string;
  /** The manifests of which that is the index, if it is one. */
  parts: string[];
  /** The commit that it was built from; other commits' releases may have it, too, if they changed nothing of it. */
  builtFrom: string;
  /** When its last layer was made, perhaps for an earlier image; absent where it does not say. */
  created?: Date;
}

const index = z.object({ manifests: z.array(z.object({ digest: z.string() })).min(1) });
const image = z.object({ config: z.object({ digest: z.string() }) });
const configuration = z.object({
  created: z.coerce.date().optional().catch(undefined),
  config: z.object({ Labels: z.object({ [revisionLabel]: z.string().regex(/^[0-9a-f]{40}$/) }) }),
});

const configurationLimit = 4 * 1024 * 1024;

/** Asks for something that may be gone by now, or is not what it looked like. */
const ifThere = <Result>(asked: Promise<Result>): Promise<Result | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof RegistryError && error.status === 404) return undefined;
    throw error;
  });

type Configuration = z.output<typeof configuration>;

/** What an image says of itself; undefined for what is none of ours. */
async function said(registry: Registry, repository: string, manifest: Manifest): Promise<Configuration | undefined> {
  const config = image.safeParse(manifest.content).data?.config.digest;
  const blob = config && (await ifThere(registry.blob(repository, config, configurationLimit)));
  if (!blob) return undefined;
  try {
    return configuration.safeParse(JSON.parse(blob.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/**
 * The image that a tag or a digest names; undefined where there is none, or one that no build of ours made.
 * @throws RegistryError when the registry does not answer
 */
export async function builtImage(
  registry: Registry,
  repository: string,
  reference: string,
): Promise<BuiltImage | undefined> {
  const manifest = await registry.manifest(repository, reference);
  if (!manifest) return undefined;
  const parts = index.safeParse(manifest.content).data?.manifests.map(({ digest }) => digest) ?? [];
  for (const part of [manifest, ...parts]) {
    const one = typeof part === "string" ? await registry.manifest(repository, part) : part;
    const own = one && (await said(registry, repository, one));
    if (!own) continue;
    const { created } = own;
    const known = created && created.getTime() > 0 ? { created } : {};
    return { digest: manifest.descriptor.digest, parts, builtFrom: own.config.Labels[revisionLabel], ...known };
  }
  return undefined;
}
