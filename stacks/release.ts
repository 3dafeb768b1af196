import * as pulumi from "@pulumi/pulumi";

import { projectName } from "../settings/project.ts";
import { parseRelease, type Release, releaseVariable } from "../settings/release.ts";

/**
 * The release that this update is about: the one the driver hands over, or else the one that the stack has already, so
 * that `pulumi up` by hand changes what was edited and never the release. None before the first delivery.
 * @throws SettingsError when the driver's release is malformed
 */
export async function releaseOf(stack: string): Promise<Release | undefined> {
  const given = process.env[releaseVariable];
  if (given) return parseRelease(releaseVariable, JSON.parse(given));
  const own = new pulumi.StackReference("present", { name: `organization/${projectName}/${stack}` });
  const { value } = await own.getOutputDetails("release");
  return value ? parseRelease(`the release of stack ${stack}`, value) : undefined;
}
