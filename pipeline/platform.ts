import { z } from "zod";

import { dashboardLeft } from "../settings/dashboard.ts";
import { short } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { PrerequisiteError, StepFailure } from "./errors.ts";
import type { Progress } from "./events.ts";
import { Leasing } from "./leasing.ts";
import type { Custody } from "./locks.ts";
import { machineEngine } from "./machine-engine.ts";
import { type Platform, platformOf } from "./platform-outputs.ts";
import { told } from "./preparation.ts";
import { logPath, withLog } from "./promotion.ts";
import { registryAnswers } from "./registry.ts";
import { update } from "./update.ts";

const imagesSchema = z.object({ images: z.record(z.string(), z.string()) });

interface PlatformOptions {
  commit: string;
  signal: AbortSignal;
  progress: Progress;
}

/** Of what goes on, only what somebody should know. */
const notesOf =
  (progress: Progress): Progress =>
  (event) =>
    event.type === "note" ? progress(event) : undefined;

const name = "registry and platform images";

/** What nobody else does meanwhile. */
type Alone = PlatformOptions & { custody: Custody };

/** Whether the dashboard can be served is nothing that a delivery waits for. */
const withoutDashboard = { env: { [dashboardLeft]: "true" }, exclude: ["**::dashboard**"] };

/** Runs the delivery stack's program; what people prune from the engine, its images, is built again. */
async function runProgram({ commit, signal, progress, custody }: Alone): Promise<Record<string, unknown>> {
  const message = "what delivery itself needs";
  return withLog(logPath(commit, "0-platform"), async (log) => {
    const options = { message, signal, progress: notesOf(progress), custody, log, ...withoutDashboard };
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

async function bringUp(options: Alone): Promise<Platform> {
  const outputs = await runProgram(options);
  const platform = platformOf(outputs);
  if (!platform) throw new StepFailure("The delivery stack does not say where its registry is");
  if (await registryAnswers(platform.registry, options.signal)) return platform;
  throw new PrerequisiteError(`The registry at ${platform.registry} does not answer`, {
    next: "docker ps -a, then docker logs",
  });
}

/** Brings up the stack `delivery`: the registry and the images that environments are made of. */
export function preparePlatform(options: PlatformOptions): Promise<Platform> {
  const alone = () => {
    const leasing = new Leasing(`promote ${short(options.commit)}`, options.signal, options.progress);
    return leasing.during(async () => {
      await leasing.enter("delivery");
      return bringUp({ ...options, signal: leasing.signal, custody: leasing });
    });
  };
  return told(name, options.progress, alone);
}
