import { join } from "node:path";

import { type Delivery, readDelivery } from "../settings/delivery.ts";
import { type Release, short } from "../settings/release.ts";
import { checkOut } from "./checkout.ts";
import { describedAt } from "./description.ts";
import { platformOf } from "./platform-outputs.ts";
import { digestOfTag } from "./registry.ts";
import { stackOutputs } from "./stack-state.ts";
import { versionOf } from "./version.ts";

/** The repository of an application's first image. */
export const repositoryOf = ({ name, images }: Delivery): string => `${name}/${Object.keys(images)[0]}`;

/** The release that was built from a commit, from what the registry holds; undefined when it was never (wholly) built. */
export async function builtRelease(commit: string, signal: AbortSignal): Promise<Release | undefined> {
  const platform = platformOf(await stackOutputs("delivery", signal));
  if (!platform) return undefined;
  const checkout = await checkOut(commit, { signal });
  const delivery = await readDelivery(join(checkout, await describedAt(checkout)), checkout);
  return releaseIn(platform.registry, delivery, commit, signal);
}

/** The release of a commit, of the images that a registry has; undefined when it has not all that its delivery.yaml names. */
export async function releaseIn(
  registry: string,
  delivery: Delivery,
  commit: string,
  signal: AbortSignal,
): Promise<Release | undefined> {
  const images: Record<string, string> = {};
  for (const name of Object.keys(delivery.images)) {
    const repository = `${delivery.name}/${name}`;
    const digest = await digestOfTag(registry, repository, short(commit), signal);
    if (!digest) return undefined;
    images[name] = `${registry}/${repository}@${digest}`;
  }
  return { application: delivery.name, commit, version: await versionOf(delivery.folder, commit), images };
}
