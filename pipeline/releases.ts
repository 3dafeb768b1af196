import { join, relative } from "node:path";
import { z } from "zod";
import { sourceRoot } from "../settings/delivered.ts";
import { type Delivery, readDelivery } from "../settings/delivery.ts";
import { type Release, short } from "../settings/release.ts";
import { checkOut } from "./checkout.ts";
import { describedAt } from "./description.ts";
import { git } from "./git.ts";
import { releaseIn } from "./release.ts";

/** The application that is delivered from here, as one commit describes it. */
export interface Described {
  delivery: Delivery;
  /** Where its folder is in the repository; empty at the top. */
  folder: string;
}

/**
 * The application as a commit describes it.
 * @throws StepFailure or SettingsError when it does not
 */
export async function described(commit: string, signal: AbortSignal): Promise<Described> {
  const checkout = await checkOut(commit, { signal });
  const delivery = await readDelivery(join(checkout, await describedAt(checkout)), checkout);
  return { delivery, folder: relative(checkout, delivery.folder) };
}

const manifest = z.object({ version: z.string().min(1).max(100) });

/** The version that a commit's package.json says, without a checkout of it. */
async function versionAt(commit: string, folder: string): Promise<string> {
  const { stdout } = await git(sourceRoot(), ["cat-file", "blob", `${commit}:${join(folder, "package.json")}`]);
  try {
    return manifest.parse(JSON.parse(stdout)).version;
  } catch {
    return short(commit);
  }
}

/**
 * The release of a commit that a registry has, by the images that a later commit describes: as good as always the same ones, and
 * found without a checkout. Undefined when there is none.
 */
export async function releaseOf(
  commit: string,
  { registry, delivery, folder }: Described & { registry: string },
  signal: AbortSignal,
): Promise<Release | undefined> {
  const release = await releaseIn(registry, delivery, commit, signal);
  return release && { ...release, version: await versionAt(commit, folder) };
}
