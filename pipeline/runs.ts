import { trustedKeys } from "../evidence/project.ts";
import { type FindRunsOptions, type FoundRuns, findRuns } from "../evidence/run-store.ts";
import { RegistryError } from "../registry/client.ts";
import { PrerequisiteError } from "./errors.ts";
import { platformOf } from "./platform.ts";
import { stackOutputs } from "./workspace.ts";

/**
 * How an application's runs ended, newest first, wherever they ran: those of `promote`, concluded with whatever outcome, and those
 * of `promote rollback`. `commit` in the options asks for one commit's alone. None where there is no registry yet.
 * @throws PrerequisiteError when the registry does not answer
 */
export async function runsOf(application: string, options: FindRunsOptions = {}): Promise<FoundRuns> {
  const platform = platformOf(await stackOutputs("delivery", { signal: options.signal }));
  if (!platform) return { runs: [], flawed: [] };
  return findRuns(platform.registry, application, await trustedKeys(), options).catch((cause: unknown) => {
    if (!(cause instanceof RegistryError)) throw cause;
    throw new PrerequisiteError(cause.message, { cause, next: "npm run promote (it looks after the registry)" });
  });
}
