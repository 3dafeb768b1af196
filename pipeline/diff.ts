import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";

import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { serviceDetails } from "./diff-service.ts";
import { changedPaths, type Inputs, textAt } from "./inputs.ts";

export type ChangeKind = "replace" | "delete" | "update" | "create";

/** One thing that an update would do, in words. */
export interface Change {
  kind: ChangeKind;
  /** Such as `service production_app`. */
  what: string;
  /** What about it changes; of secrets only names. */
  details: string[];
}

/** What an update of an environment would do. */
export interface EnvironmentDiff {
  environment: EnvironmentName;
  /** Whether the environment exists; when not, everything would be made. */
  exists: boolean;
  /** The release that it has. */
  from: Release | undefined;
  /** The release that it would have. */
  to: Release | undefined;
  changes: Change[];
  /** Migrations that come with it and cannot be gone back from. */
  irreversible: string[];
  /** Such migrations that came with the release that it has, and that the one that it would have does not know. */
  notUndone: string[];
}

const kinds: Record<string, ChangeKind> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

/** Replaces and deletes first: they are what can lose something. */
const order: readonly ChangeKind[] = ["replace", "delete", "update", "create"];

const nouns: Record<string, string> = {
  "docker:index/service:Service": "service",
  "docker:index/secret:Secret": "secret",
  "docker:index/serviceConfig:ServiceConfig": "config",
  "docker:index/network:Network": "network",
  "docker:index/volume:Volume": "volume",
  "docker:index/container:Container": "container",
  "command:local:Command": "command",
  "command:remote:Command": "remote command",
};

/** Pulumi's own bookkeeping and the grouping of resources change nothing that runs. */
const isBookkeeping = (type: string): boolean => type.startsWith("pulumi:") || type.startsWith("slipway:");

const inputsOf = (step: StepEventMetadata, side: "old" | "new"): Inputs => step[side]?.inputs ?? {};

function nameOf(step: StepEventMetadata): string {
  const before = textAt(inputsOf(step, "old"), "name");
  const after = textAt(inputsOf(step, "new"), "name");
  const pulumiName = step.urn.split("::").at(-1) ?? "";
  if (before && after && before !== after) return `${before} → ${after}`;
  return after ?? before ?? pulumiName;
}

const titleOf = (step: StepEventMetadata): string =>
  `${nouns[step.type] ?? step.type.split(":").at(-1)} ${nameOf(step)}`;

function detailsOf(step: StepEventMetadata, releases: readonly Release[]): string[] {
  const before = inputsOf(step, "old");
  const after = inputsOf(step, "new");
  const isService = step.type === "docker:index/service:Service";
  const details = isService ? serviceDetails(before, after, releases) : changedNames(before, after);
  if (details.length > 0 || !step.old || !step.new) return details;
  // The program wants what it wanted before, and what is there differs.
  return Object.keys(step.detailedDiff ?? {}).map((path) => `${path} is not as it was made`);
}

/** Of most resources only what changed is named: the values may be long, or secret. */
function changedNames(before: Inputs, after: Inputs): string[] {
  if (Object.keys(before).length === 0 || Object.keys(after).length === 0) return [];
  const paths = changedPaths(before, after).filter((path) => path !== "name");
  const names = new Set(paths.map((path) => path.split(".")[0]));
  return names.size > 0 ? [`changes ${[...names].join(", ")}`] : [];
}

/**
 * Puts into words what a preview found.
 * @param steps what Pulumi would do, from the preview's events
 * @param releases those that images may belong to
 */
export function describeChanges(steps: readonly StepEventMetadata[], releases: readonly Release[]): Change[] {
  const changes = new Map<string, Change>();
  for (const step of steps) {
    const kind = kinds[step.op];
    if (!kind || isBookkeeping(step.type)) continue;
    // A replacement is told as three steps; the first that has both sides says it all.
    if (changes.has(step.urn) && !(step.old && step.new)) continue;
    changes.set(step.urn, { kind, what: titleOf(step), details: detailsOf(step, releases) });
  }
  return [...changes.values()].toSorted((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
}
