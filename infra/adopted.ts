import type * as pulumi from "@pulumi/pulumi";

import { type Adoptable, type Adoption, adoptionVariable } from "../settings/adoption.ts";

/** What each kind may be set to, all of which is taken as it is. */
const inputs: Record<Adoptable, string[]> = {
  service: ["name", "labels", "mode", "taskSpec", "updateConfig", "rollbackConfig", "endpointSpec"],
  network: ["name", "labels", "driver", "options", "internal", "attachable", "ipamDriver", "ipamConfigs"],
};

const given = process.env[adoptionVariable];
const adoption: Adoption | undefined = given === undefined ? undefined : JSON.parse(given);

/** Whether this run of the program is to take over what runs, and change nothing of it. */
export const isAdopting: boolean = adoption !== undefined;

/**
 * Options that have Pulumi take over what runs by a name, as it is. The next run without adoption compares it with the program.
 * @param more options of its own, whose `ignoreChanges` stays
 */
export function adopted(
  kind: Adoptable,
  name: string,
  more: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  const id = adoption?.[kind][name];
  if (id === undefined) return more;
  return { ...more, import: id, ignoreChanges: [...(more.ignoreChanges ?? []), ...inputs[kind]] };
}
