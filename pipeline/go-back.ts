import { namespaceIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { releaseName } from "../settings/release-name.ts";
import { connect } from "../swarm/engine.ts";
import { setBack } from "../swarm/set-back.ts";
import { deploy } from "./deploy.ts";
import { StepFailure } from "./errors.ts";
import { describedRelease, irreversible } from "./irreversible.ts";
import type { LogFile } from "./log-file.ts";
import { probed } from "./probed.ts";
import type { Promotion } from "./promotion.ts";
import { logPath, withLog } from "./promotion.ts";
import { runSuite } from "./suite.ts";

/** How going back to an earlier release ended. */
export interface GoingBack {
  release: Release;
  /**
   * Restored means deployed by the same path and proved by the readiness suite of its own commit; refused, that nothing was
   * changed, since the release may not be able to run any more.
   */
  outcome: "restored" | "failed" | "refused";
  seconds: number;
  /** Why it failed. */
  reason?: string;
  details?: readonly string[];
  log?: string;
}

type Context = Pick<Promotion, "signal" | "progress" | "platform" | "leasing" | "losses">;

/** The release as a promotion that has come as far as its deployment. */
async function promotionOf(release: Release, context: Context): Promise<Promotion> {
  const described = await describedRelease(release, context.signal);
  return {
    ...context,
    commit: release.commit,
    description: undefined,
    release,
    ...described,
    again: false,
    unwritten: [],
    skipped: new Set(),
    before: {},
    facts: {},
  };
}

/**
 * Has Swarm begin at once with what the deployment comes to anyway, since Pulumi needs seconds until it asks for it: the
 * deployment finds these services as they are to be, and awaits them. What Swarm refuses is left to it, too.
 */
async function headStart(
  environment: EnvironmentName,
  { commit }: Release,
  { signal, leasing }: Context,
  log: LogFile,
): Promise<void> {
  const engine = leasing.heldEngine(environment);
  if (engine === undefined || signal.aborted) return;
  await setBack(connect(engine), namespaceIn(environment), commit).then(
    (names) => log.note(`set back at once: ${names.join(", ") || "nothing"}`),
    (error: Error) => log.note(`Swarm does not set back at once: ${error.message}`),
  );
}

async function restore(environment: EnvironmentName, promotion: Promotion, log: LogFile): Promise<void> {
  await probed(environment, promotion, log, async (onChange) => {
    onChange();
    await deploy(environment, promotion, { log, onChange, yields: true });
    await runSuite("readiness", environment, promotion, log);
  });
}

/**
 * Has an environment run an earlier release again, and tells how it goes.
 * @param action what follows once Swarm has begun
 * @returns why it did not work, if it did not, and how long it took in seconds
 */
async function tried(
  environment: EnvironmentName,
  name: string,
  log: string,
  release: Release,
  context: Context,
  action: (promotion: Promotion, log: LogFile) => Promise<unknown>,
): Promise<{ failure: StepFailure | undefined; seconds: number }> {
  const started = Date.now();
  context.progress({ type: "preparation-started", name });
  const failure = await withLog(log, async (file) =>
    Promise.all([promotionOf(release, context), headStart(environment, release, context, file)])
      .then(([promotion]) => action(promotion, file))
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
  return { failure, seconds };
}

/**
 * Has prodlike run again what it ran before a release that did not hold there: what the next one is compared with has to be good.
 * That it does not work is told, and no more: nobody uses prodlike.
 * @throws InterruptedError, LockedError
 */
export async function takeBackProdlike(release: Release, context: Context): Promise<void> {
  const name = `take prodlike back to ${releaseName(release)}`;
  const path = logPath(release.commit, "take-back-prodlike");
  const { failure } = await tried("prodlike", name, path, release, context, (promotion, log) =>
    deploy("prodlike", promotion, { log, onChange: () => {} }),
  );
  if (failure) context.progress({ type: "note", text: `prodlike does not run it again: ${failure.message}` });
}

/**
 * Deploys an earlier release again: going back is going forward with it, by the same path and proved in the same way.
 * Never throws because it did not work.
 * @throws InterruptedError, LockedError
 */
export async function goBack(environment: EnvironmentName, release: Release, context: Context): Promise<GoingBack> {
  const name = `go back to ${releaseName(release)} in ${environment}`;
  const log = logPath(release.commit, `go-back-${environment}`);
  const { failure, seconds } = await tried(environment, name, log, release, context, (promotion, file) =>
    restore(environment, promotion, file),
  );
  if (!failure) return { release, outcome: "restored", seconds, log };
  return { release, outcome: "failed", seconds, log, reason: failure.message, details: failure.details };
}

/**
 * Goes back after a release did not hold, unless that brought a migration which cannot be gone back from.
 * @throws InterruptedError, LockedError
 */
export async function goBackFrom(
  failed: Release,
  environment: EnvironmentName,
  release: Release,
  context: Context,
): Promise<GoingBack> {
  const [migration] = await irreversible(release, failed, context.signal);
  if (migration === undefined) return goBack(environment, release, context);
  const reason = `${failed.application} declares ${migration} irreversible, and it may have run`;
  return { release, outcome: "refused", seconds: 0, reason };
}
