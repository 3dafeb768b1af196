import { trustedKeys } from "../evidence/project.ts";
import { type FindRunsOptions, type FoundRuns, findRuns, type KeptRun } from "../evidence/run-store.ts";
import { RegistryError } from "../registry/client.ts";
import { PrerequisiteError } from "./errors.ts";
import { platformOf } from "./platform-outputs.ts";
import { stackOutputs } from "./stack-state.ts";

/** The registry that delivery has here, as the delivery stack says; undefined when it is not up. */
export const registryHere = async (signal: AbortSignal | undefined): Promise<string | undefined> =>
  platformOf(await stackOutputs("delivery", signal))?.registry;

/** How an application's runs ended, as a registry has them; see `runsOf`. */
export async function runsIn(
  registry: string | undefined,
  application: string,
  options: FindRunsOptions,
): Promise<FoundRuns> {
  if (registry === undefined) return { runs: [], flawed: [] };
  return findRuns(registry, application, await trustedKeys(), options).catch((cause: unknown) => {
    if (!(cause instanceof RegistryError)) throw cause;
    throw new PrerequisiteError(cause.message, { cause, next: "npm run promote (it looks after the registry)" });
  });
}

/**
 * How an application's runs ended, newest first, wherever they ran: those of `promote`, concluded with whatever outcome, and those
 * of `promote rollback`. `commit` in the options asks for one commit's alone. None where there is no registry yet.
 * @throws PrerequisiteError when the registry does not answer
 */
export const runsOf = async (application: string, options: FindRunsOptions = {}): Promise<FoundRuns> =>
  runsIn(await registryHere(options.signal), application, options);

/** Reads an application's runs again and again; those that were read are kept, as long as the same keys count. */
export class KnownRuns {
  #runs: ReadonlyMap<string, KeptRun> = new Map();
  #keys = "";

  /** See `runsOf`. */
  async read(
    registry: string | undefined,
    application: string,
    options: Omit<FindRunsOptions, "known">,
  ): Promise<FoundRuns> {
    const keys = JSON.stringify(await trustedKeys());
    const known = keys === this.#keys ? this.#runs : new Map<string, KeptRun>();
    const found = await runsIn(registry, application, { ...options, known });
    this.#keys = keys;
    this.#runs = new Map(found.runs.map((run) => [run.tag, run]));
    return found;
  }
}
