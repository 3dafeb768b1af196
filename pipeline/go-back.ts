import { join } from "node:path";

import { readDelivery } from "../settings/delivery.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { checkOut } from "./checkout.ts";
import { deploy } from "./deploy.ts";
import { describedAt } from "./description.ts";
import { StepFailure } from "./errors.ts";
import type { LogFile } from "./log-file.ts";
import { probed } from "./probed.ts";
import type { Promotion } from "./promotion.ts";
import { logPath, withLog } from "./promotion.ts";
import { releaseName } from "./status.ts";
import { runSuite } from "./suite.ts";

/** How going back to an earlier release ended. */
export interface GoingBack {
  release: Release;
  /** Restored means deployed by the same path and proved by the readiness suite of its own commit. */
  outcome: "restored" | "failed";
  seconds: number;
  /** Why it failed. */
  reason?: string;
  details?: readonly string[];
  log: string;
}

type Context = Pick<Promotion, "signal" | "progress" | "platform">;

/** The release as a promotion that has come as far as its deployment. */
async function promotionOf(release: Release, context: Context): Promise<Promotion> {
  const { commit } = release;
  const checkout = await checkOut(commit, { signal: context.signal });
  const delivery = await readDelivery(join(checkout, await describedAt(checkout)), checkout);
  return { ...context, commit, description: undefined, release, checkout, delivery, facts: {} };
}

async function restore(environment: EnvironmentName, promotion: Promotion, log: LogFile): Promise<void> {
  await probed(environment, promotion, log, (onChange) => deploy(environment, promotion, { log, onChange }));
  await runSuite("readiness", environment, promotion, log);
}

/**
 * Deploys an earlier release again: going back is going forward with it, by the same path and proved in the same way.
 * Never throws because it did not work.
 * @throws InterruptedError, LockedError
 */
export async function goBack(environment: EnvironmentName, release: Release, context: Context): Promise<GoingBack> {
  const started = Date.now();
  const name = `go back to ${releaseName(release)} in ${environment}`;
  const log = logPath(release.commit, `go-back-${environment}`);
  context.progress({ type: "preparation-started", name });
  const failure = await withLog(log, async (file) =>
    promotionOf(release, context)
      .then((promotion) => restore(environment, promotion, file))
      .then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof StepFailure) return error;
          throw error;
        },
      ),
  );
  const seconds = (Date.now() - started) / 1_000;
  context.progress({ type: "preparation-ended", name, seconds, failed: failure !== undefined });
  if (!failure) return { release, outcome: "restored", seconds, log };
  return { release, outcome: "failed", seconds, log, reason: failure.message, details: failure.details };
}
