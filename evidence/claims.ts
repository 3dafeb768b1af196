/** What evidence can be of, in the order in which a release earns it. */
export const claims = [
  "unit-tests",
  "build",
  "deploy/staging",
  "functional/staging",
  "deploy/prodlike",
  "readiness/prodlike",
  "approval/production",
  "deploy/production",
  "readiness/production",
] as const;

export type Claim = (typeof claims)[number];
