import type { Decision, Standing } from "../evidence/approvals.ts";
import type { Delivery } from "../settings/delivery.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { generated } from "../settings/project.ts";
import type { Release } from "../settings/release.ts";
import type { Progress } from "./events.ts";
import type { EnvironmentFacts } from "./facts.ts";
import type { Known } from "./known.ts";
import type { Leasing } from "./leasing.ts";
import { LogFile } from "./log-file.ts";
import type { Platform } from "./platform-outputs.ts";
import type { LoadFigures } from "./probe/figures.ts";
import type { RunningLoad } from "./probed.ts";
import type { Unwritten } from "./record.ts";
import type { State } from "./stack-state.ts";

/** Requests to an environment that failed, and from when to when. */
export interface Loss {
  environment: EnvironmentName;
  sent: number;
  failed: number;
  from: Date;
  to: Date;
}

/** What one commit has on its way through the nine steps. Each step adds what the next ones need. */
export interface Promotion {
  readonly commit: string;
  /** Where its delivery.yaml is in the repository, when the person said so. */
  readonly description: string | undefined;
  /** Aborted when the run is to end, or may change nothing any more. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Do again what was done before. */
  readonly again: boolean;
  /** The registry and the platform's images; started when first asked for, and awaited from then on. */
  readonly platform: () => Promise<Platform>;
  /** The folder of a clean checkout of exactly the commit (from step 1). */
  checkout?: string;
  /** What the commit's delivery.yaml says (from step 1). */
  delivery?: Delivery;
  /** The digests that were built from the commit (from step 3). */
  release?: Release;
  /** Whose the environments are meanwhile. */
  readonly leasing: Leasing;
  /** Where its release is, or will be, as far as that is known before there is one (from step 1). */
  registry?: string;
  /** Takes back that the release is in use (from step 1, where there is a registry by then). */
  letGo?: () => Promise<void>;
  /** What the release proved before this run. */
  known?: Known | undefined;
  /** The steps that were not run because of it, by number. */
  readonly skipped: Set<number>;
  /** What Pulumi says of the environment that a step is about to deploy to. */
  state?: State | undefined;
  /** What each environment ran before the commit came, to go back to (from when this run comes to hold it, or looks at production for the button). */
  readonly before: Partial<Record<EnvironmentName, Release | undefined>>;
  /** What production ran when this run began. */
  readonly inProduction?: Promise<Release | undefined>;
  /** The migrations that production would get and that cannot be gone back from (from the button). */
  irreversible?: string[];
  /** Who rejected the release for production, and why. */
  rejection?: Decision | undefined;
  /** Why production may not be changed now, by its windows and freezes. */
  held?: string;
  /** Why production was changed all the same. */
  overridden?: string;
  /** Whether who pressed the button here was shown what would change in production. */
  shown?: boolean;
  /** Whether somebody broke the glass to have it in production. */
  glassBroken?: boolean;
  /** Whose approvals count, and how many are lacking, where somebody's is needed. */
  approvals?: Standing;
  /** The newer commit that this one gave way to. */
  supersededBy?: string;
  /** The load on production that step 8 leaves on for step 9. */
  load?: RunningLoad;
  /** When users saw errors, as far as the load probe saw them. */
  readonly losses: Loss[];
  /** How the last load ended that a step had on its environment. */
  figures?: LoadFigures | undefined;
  /** What was proved before there were images that it could be attached to. */
  readonly unwritten: Unwritten[];
  /** What the environments say of themselves (from steps 4, 6, 8). */
  facts: Partial<Record<EnvironmentName, EnvironmentFacts>>;
}

/** What an earlier step was to add. */
export function needed<Key extends "checkout" | "delivery" | "release">(
  promotion: Promotion,
  key: Key,
): NonNullable<Promotion[Key]> {
  const value = promotion[key];
  if (value === undefined) throw new Error(`No ${key} yet: a step ran before the one that makes it`);
  return value as NonNullable<Promotion[Key]>;
}

/** The file that takes a step's whole output. */
export const logPath = (commit: string, name: string): string => generated("logs", commit, `${name}.log`);

/** Does something with a log file that is closed afterwards. */
export async function withLog<Result>(path: string, action: (log: LogFile) => Promise<Result>): Promise<Result> {
  const log = new LogFile(path);
  try {
    return await action(log);
  } finally {
    log.close();
  }
}
