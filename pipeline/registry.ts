import { setTimeout as sleep } from "node:timers/promises";

import { Registry, RegistryError } from "../registry/client.ts";
import { StepFailure } from "./errors.ts";

/** Whether a registry answers; one that has just been started gets a few seconds for it. */
export async function registryAnswers(host: string, signal: AbortSignal): Promise<boolean> {
  const registry = new Registry(host, { signal });
  for (let tries = 0; tries < 20 && !signal.aborted; tries++) {
    const response = await registry.ask("").catch(() => undefined);
    await response?.body?.cancel();
    if (response && response.status < 500) return true;
    await sleep(250);
  }
  return false;
}

/**
 * The digest that a tag has in a registry; undefined when there is no such tag.
 * @throws StepFailure when the registry does not answer
 */
export const digestOfTag = (
  host: string,
  repository: string,
  tag: string,
  signal: AbortSignal,
): Promise<string | undefined> =>
  new Registry(host, { signal }).digestOf(repository, tag).catch((error: unknown) => {
    if (!(error instanceof RegistryError)) throw error;
    const next =
      error.next ?? (error.status === undefined ? "npm run promote (it looks after the registry first)" : undefined);
    throw new StepFailure(error.message, { ...(next ? { next } : {}), cause: error });
  });
