import type { EnvironmentName } from "../settings/environment.ts";

/** What evidence can be of, in the order in which a release earns it. */
export const claims = [
  "unit-tests",
  "build",
  "deploy/staging",
  "functional/staging",
  "deploy/prodlike",
  "readiness/prodlike",
  "approval/production",
  "override/production",
  "break-glass/production",
  "deploy/production",
  "readiness/production",
] as const;

export type Claim = (typeof claims)[number];

/** What a key can speak for: all that evidence can be of, and how a run ended. */
export const spokenFor = [...claims, "run"] as const;

export type SpokenFor = (typeof spokenFor)[number];

/**
 * What people decide, rather than a step prove: production's change was approved, its windows and freezes were overridden, or what
 * it demands was waived.
 */
export const decided: readonly Claim[] = ["approval/production", "override/production", "break-glass/production"];

/** What a release must have proved before an environment may run it: all that comes before its deployment there. */
export const demandedBy = (environment: EnvironmentName): readonly Claim[] =>
  claims.slice(0, claims.indexOf(`deploy/${environment}`)).filter((claim) => !decided.includes(claim));
