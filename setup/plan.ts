import type { Change } from "./needs/need.ts";

/** One thing that is missing, and what getting it would change. */
export interface Missing {
  name: string;
  changes: readonly Change[];
}

/** What set-up says before it installs anything outside the project. */
export function planText(missing: readonly Missing[]): string[] {
  const lines = missing.flatMap(({ name, changes }) =>
    changes.map(({ what, where }) => `  ${name}: ${what} (into ${where})`),
  );
  return ["Missing on this machine, and about to be installed outside the project:", ...lines];
}
