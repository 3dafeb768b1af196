import type { Change } from "./needs/need.ts";

/** What set-up says before it installs anything outside the project. */
export function planText(changes: readonly Change[]): string[] {
  const lines = new Set(changes.map(({ what, where }) => `  ${what}, into ${where}`));
  return ["Missing on this machine, and about to be installed outside the project:", ...lines];
}
