import { evidenceOf, type ReleaseEvidence } from "../evidence/of-release.ts";
import { RegistryError } from "../registry/client.ts";
import { PrerequisiteError, UsageError } from "./errors.ts";
import { assertRepository, resolveCommit } from "./git.ts";
import { builtRelease } from "./release.ts";

/**
 * All evidence of the release that was built from a commit.
 * @param name what git knows the commit by
 * @throws UsageError when nothing was built from it
 */
export async function evidenceOfCommit(name: string, signal: AbortSignal): Promise<ReleaseEvidence> {
  await assertRepository();
  const release = await builtRelease(await resolveCommit(name), signal);
  if (!release) {
    throw new UsageError(`Nothing was built from ${name} yet, so there is nothing that it has proved`, {
      next: `npm run promote -- ${name}`,
    });
  }
  return evidenceOf(release, { signal }).catch((error: unknown) => {
    if (error instanceof RegistryError) {
      throw new PrerequisiteError(error.message, {
        cause: error,
        next: "npm run promote (it looks after the registry)",
      });
    }
    throw error;
  });
}
