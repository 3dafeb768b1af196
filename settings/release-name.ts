import { short } from "./release.ts";

/** A release as the tasks tell it: its commit is certain, its version known where it was deployed from here. */
export interface RunningRelease {
  application?: string;
  version?: string;
  commit: string;
}

/** A release as people call it: `demo 1.0.0 (0123456789ab)`, and `shop (0123456789ab)` where its version is its commit. */
export const releaseName = ({ application = "", version = "", commit }: RunningRelease): string =>
  [application, version === short(commit) ? "" : version, `(${short(commit)})`].filter((part) => part !== "").join(" ");
