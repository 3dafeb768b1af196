import { stackIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { checkOut } from "./checkout.ts";
import { describeChanges, type EnvironmentDiff } from "./diff.ts";
import { UsageError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { environmentFacts } from "./facts.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { irreversible } from "./irreversible.ts";
import { unlocked } from "./locks.ts";
import { logPath, withLog } from "./promotion.ts";
import { builtRelease } from "./release.ts";
import { ownFiles } from "./source.ts";
import { outputsIn } from "./stack-state.ts";
import { noteUncommitted } from "./uncommitted.ts";
import { failureOf, follower } from "./update.ts";
import { findStack } from "./workspace.ts";

interface PreviewOptions {
  signal: AbortSignal;
  progress: Progress;
}

/**
 * What an update of an environment to a release would do, with the settings of its commit; without one, what an update to
 * the settings of the working tree would.
 */
export async function previewRelease(
  environment: EnvironmentName,
  { release, signal, progress }: PreviewOptions & { release: Release | undefined },
): Promise<EnvironmentDiff> {
  const path = logPath(release?.commit ?? "preview", `preview-${environment}`);
  return withLog(path, async (log) => {
    const program = release ? await checkOut(release.commit, { signal }) : await ownFiles(signal);
    const found = await findStack(stackIn(environment), { release, program, signal, log });
    const noMigrations = { irreversible: [], notUndone: [] };
    if (!found) return { environment, exists: false, from: undefined, to: release, changes: [], ...noMigrations };
    const from = environmentFacts(environment, outputsIn(found.state))?.release;
    const { diagnostics, steps, onEvent } = follower(progress);
    await unlocked(found.stack, progress, () => found.stack.preview({ onEvent })).catch((error: unknown) => {
      throw failureOf(diagnostics, error);
    });
    const releases = [release, from].filter((one) => one !== undefined);
    const changes = describeChanges(steps, releases);
    const migrations = {
      irreversible: await irreversible(from, release, signal),
      // What runs may be of a commit that is not in the repository any more, and can then not be asked.
      notUndone: await irreversible(release, from, signal).catch(() => []),
    };
    return { environment, exists: true, from, to: release ?? from, changes, ...migrations };
  });
}

/**
 * What delivering a commit to an environment would change there. A commit that was never built cannot be compared by
 * digest; when none was named, the release that runs is kept and only settings are compared.
 * @param name what git knows the commit by; HEAD when absent
 */
export async function preview(
  environment: EnvironmentName,
  name: string | undefined,
  options: PreviewOptions,
): Promise<EnvironmentDiff> {
  await assertRepository();
  const commit = await resolveCommit(name ?? "HEAD");
  await noteUncommitted(options.progress);
  const release = await builtRelease(commit, options.signal);
  if (!release && name !== undefined) {
    throw new UsageError(`Nothing was built from ${name} yet, so there are no digests to compare`, {
      next: `npm run promote -- ${name}`,
    });
  }
  if (!release) {
    options.progress({
      type: "note",
      text: "Nothing was built from HEAD yet; this compares the working tree's settings only.",
    });
  }
  return previewRelease(environment, { ...options, release });
}
