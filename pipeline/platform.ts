import { z } from "zod";

import { PrerequisiteError, StepFailure } from "./errors.ts";
import type { Progress } from "./events.ts";
import { logPath, withLog } from "./promotion.ts";
import { registryAnswers } from "./registry.ts";
import { update } from "./update.ts";

const schema = z.object({ registry: z.object({ host: z.string() }) });

/** What delivery itself needs, as the delivery stack has made it. */
export interface Platform {
  /** Where releases are pushed, `host:port`. */
  registry: string;
}

interface PlatformOptions {
  commit: string;
  signal: AbortSignal;
  progress: Progress;
}

const name = "registry and platform images";

async function bringUp({ commit, signal, progress }: PlatformOptions, refresh: boolean): Promise<Platform> {
  const path = logPath(commit, "0-platform");
  const outputs = await withLog(path, (log) =>
    update("delivery", { message: "what delivery itself needs", signal, progress: () => {}, log, refresh }),
  );
  const parsed = schema.safeParse(outputs);
  if (!parsed.success) throw new StepFailure("The delivery stack does not say where its registry is");
  const registry = parsed.data.registry.host;
  if (await registryAnswers(registry, signal)) return { registry };
  // State may believe in a registry that somebody stopped or removed: look, and make it again.
  if (!refresh) return bringUp({ commit, signal, progress }, true);
  throw new PrerequisiteError(`The registry at ${registry} does not answer`, { next: "docker ps -a, then docker logs" });
}

/** Brings up the stack `delivery`: the registry and the images that environments are made of. */
export async function preparePlatform(options: PlatformOptions): Promise<Platform> {
  const started = Date.now();
  options.progress({ type: "preparation-started", name });
  let failed = true;
  try {
    const platform = await bringUp(options, false);
    failed = false;
    return platform;
  } finally {
    options.progress({ type: "preparation-ended", name, seconds: (Date.now() - started) / 1_000, failed });
  }
}
