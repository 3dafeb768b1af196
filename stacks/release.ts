import * as pulumi from "@pulumi/pulumi";

import { projectName } from "../settings/project.ts";
import { parseRelease, type Release, releaseVariable } from "../settings/release.ts";

/** What an environment is to run, and what it can go back to. */
export interface Releases {
  /** None before the first delivery. */
  release: Release | undefined;
  /** The one that ran before it. None after going back to that: the one that was left is not one to return to. */
  previous: Release | undefined;
}

const parsed = (stack: string, key: string, value: unknown): Release | undefined =>
  value ? parseRelease(`the ${key} of stack ${stack}`, value) : undefined;

/**
 * The release that this update is about: the one the driver hands over, or else the one that the stack has already, so
 * that `pulumi up` by hand changes what was edited and never the release.
 * @throws SettingsError when the driver's release is malformed
 */
export async function releasesOf(stack: string): Promise<Releases> {
  const own = new pulumi.StackReference("present", { name: `organization/${projectName}/${stack}` });
  const [release, previous] = await Promise.all(
    ["release", "previous"].map(async (key) => parsed(stack, key, (await own.getOutputDetails(key)).value)),
  );
  const handedOver = process.env[releaseVariable];
  if (!handedOver) return { release, previous };
  const given = parseRelease(releaseVariable, JSON.parse(handedOver));
  if (given.commit === release?.commit) return { release: given, previous };
  return { release: given, previous: given.commit === previous?.commit ? undefined : release };
}
