import type { EnvironmentName } from "../../settings/environment.ts";
import type { Branch } from "./branch.ts";

/** What a commit came to; a commit that came to nothing of this is delivered again. */
export type Conclusion = "deployed" | "ready" | "rejected" | "superseded" | "failed";

/** Told while a branch is followed. Times are in seconds. */
export type WatchEvent =
  | { type: "watching"; branch: Branch; interval: number; every: boolean; continuous: boolean }
  /** The remote, or the branch in it, cannot be got; told once, and once when it can be again. */
  | { type: "unreachable"; reason: string }
  | { type: "reachable" }
  /** What the registry holds cannot be read, so nobody can tell what was done before. */
  | { type: "unknown"; reason: string }
  | { type: "forced"; from: string; to: string }
  /** Commits that came while another was delivered, and are left out for the newest one. */
  | { type: "skipped"; commits: readonly string[] }
  /** It was delivered before, as far as it goes. */
  | { type: "known"; commit: string; conclusion: Conclusion }
  | { type: "delivering"; commit: string; subject: string; because?: string }
  /** What the delivery itself says. */
  | { type: "output"; commit: string; text: string }
  | { type: "ended"; commit: string; conclusion: Conclusion; description: string }
  | { type: "unfinished"; commit: string; description: string; retryIn: number }
  | { type: "superseded"; commit: string; by: string }
  | { type: "interrupted"; commit: string }
  /** Statuses do not arrive, or do again. */
  | { type: "statuses"; text: string }
  /** What is not as Pulumi says, in words, and was not told yet; told of an environment once more when nothing of it is left. */
  | { type: "drift"; environment: EnvironmentName; differences: readonly string[] }
  | { type: "drift-gone"; environment: EnvironmentName }
  /** Nobody can tell, of one environment or of all. */
  | { type: "drift-unknown"; environment?: EnvironmentName; reason: string }
  | { type: "fault"; reason: string }
  | { type: "ended-watching" };

export type Tell = (event: WatchEvent) => void;
