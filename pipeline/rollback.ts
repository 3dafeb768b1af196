import { stackIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { type Release, short } from "../settings/release.ts";
import { prepareBackend } from "./backend.ts";
import type { EnvironmentDiff } from "./diff.ts";
import { tellDrift } from "./drift/gate.ts";
import { UsageError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { environmentFacts } from "./facts.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { type GoingBack, goBack } from "./go-back.ts";
import { whileInUse } from "./in-use.ts";
import { Leasing } from "./leasing.ts";
import { preparePlatform } from "./platform.ts";
import { preflight } from "./preflight.ts";
import { previewRelease } from "./preview.ts";
import { followable } from "./progress-file.ts";
import type { Loss } from "./promotion.ts";
import { builtRelease } from "./release.ts";
import { together } from "./run-lock.ts";
import { keepRollback } from "./run-record.ts";
import { stackOutputs } from "./stack-state.ts";

export interface RollbackOptions {
  environment: EnvironmentName;
  /** What git knows the commit by whose release to go back to; without it, the one that ran before. */
  commit?: string | undefined;
  signal: AbortSignal;
  progress: Progress;
  /** Shows somebody what would change and returns their answer. */
  agree(diff: EnvironmentDiff): Promise<boolean>;
}

async function wanted({ environment, commit: name, signal }: RollbackOptions): Promise<Release> {
  const facts = environmentFacts(environment, await stackOutputs(stackIn(environment), signal));
  if (!facts?.release) {
    throw new UsageError(`Nothing was deployed to ${environment} yet, so there is nothing to go back from`, {
      next: "npm run promote",
    });
  }
  if (name === undefined) {
    if (facts.previous) return facts.previous;
    throw new UsageError(`${environment} does not know of an earlier release that held there`, {
      next: `npm run promote -- rollback ${environment} <commit>`,
    });
  }
  const built = await builtRelease(await resolveCommit(name), signal);
  if (built) return built;
  throw new UsageError(`Nothing was built from ${name}, so there is no release of it to go back to`, {
    next: `npm run promote -- ${name}`,
  });
}

/** Takes an environment back while it is this run's own. */
async function takeBack(release: Release, options: RollbackOptions): Promise<GoingBack | undefined> {
  const { environment, progress, agree } = options;
  const leasing = new Leasing(`rollback to ${short(release.commit)}`, options.signal, progress);
  const { signal } = leasing;
  return leasing.during(() =>
    whileInUse(release, signal, async () => {
      await leasing.enter(environment);
      await tellDrift(environment, { signal, progress });
      const diff = await previewRelease(environment, { release, signal, progress });
      if (!(await agree(diff))) return undefined;
      const platform = () => preparePlatform({ commit: release.commit, signal, progress });
      const startedOn = new Date();
      const losses: Loss[] = [];
      const result = await goBack(environment, release, { signal, progress, platform, leasing, losses });
      await keepRollback(result, { environment, from: diff.from, startedOn, losses, progress, signal });
      return result;
    }),
  );
}

/**
 * Takes an environment back to an earlier release.
 * @returns how it ended; undefined when it was declined
 * @throws UsageError, LockedError, InterruptedError, PrerequisiteError
 */
export const rollback = (options: RollbackOptions): Promise<GoingBack | undefined> =>
  together(`promote rollback ${options.environment}`, async () => {
    const { environment, progress } = options;
    await assertRepository();
    await prepareBackend();
    const release = await wanted(options);
    const what = { commit: release.commit, environment };
    return followable(what, progress, async (told) => {
      await preflight(release.commit);
      return takeBack(release, { ...options, progress: told });
    });
  });
