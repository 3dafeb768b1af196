import { z } from "zod";

import { short } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { PrerequisiteError, StepFailure } from "./errors.ts";
import type { Progress } from "./events.ts";
import { machineEngine } from "./machine-engine.ts";
import { type Platform, platformOf } from "./platform-outputs.ts";
import { logPath, withLog } from "./promotion.ts";
import { registryAnswers } from "./registry.ts";
import { inTurn } from "./run-lock.ts";
import { update } from "./update.ts";

const imagesSchema = z.object({ images: z.record(z.string(), z.string()) });

interface PlatformOptions {
  commit: string;
  signal: AbortSignal;
  progress: Progress;
}

const name = "registry and platform images";

/** Runs the delivery stack's program; what people prune from the engine, its images, is built again. */
async function runProgram({ commit, signal }: PlatformOptions): Promise<Record<string, unknown>> {
  const message = "what delivery itself needs";
  return withLog(logPath(commit, "0-platform"), async (log) => {
    const options = { message, signal, progress: () => {}, log };
    const { outputs } = await update("delivery", options);
    const pruned = await prunedImages(outputs);
    if (pruned.length === 0) return outputs;
    return (await update("delivery", { ...options, replaceWhereStdout: pruned })).outputs;
  });
}

/** The images that live on the machine's engine only, and are not there any more. */
async function prunedImages(outputs: Record<string, unknown>): Promise<string[]> {
  const { images } = imagesSchema.parse(outputs);
  const local = Object.values(images).filter((reference) => reference.startsWith("sha256:"));
  const engine = connect(machineEngine());
  const present = await Promise.all(
    local.map((id) =>
      engine
        .getImage(id)
        .inspect()
        .catch(() => undefined),
    ),
  );
  return local.filter((_, index) => present[index] === undefined);
}

async function bringUp(options: PlatformOptions): Promise<Platform> {
  const outputs = await runProgram(options);
  const platform = platformOf(outputs);
  if (!platform) throw new StepFailure("The delivery stack does not say where its registry is");
  if (await registryAnswers(platform.registry, options.signal)) return platform;
  throw new PrerequisiteError(`The registry at ${platform.registry} does not answer`, {
    next: "docker ps -a, then docker logs",
  });
}

/** Brings up the stack `delivery`: the registry and the images that environments are made of. */
export async function preparePlatform(options: PlatformOptions): Promise<Platform> {
  const started = Date.now();
  options.progress({ type: "preparation-started", name });
  let failed = true;
  try {
    const what = `the delivery stack for ${short(options.commit)}`;
    const platform = await inTurn("delivery", { what, signal: options.signal }, () => bringUp(options));
    failed = false;
    return platform;
  } finally {
    options.progress({ type: "preparation-ended", name, seconds: (Date.now() - started) / 1_000, failed });
  }
}
