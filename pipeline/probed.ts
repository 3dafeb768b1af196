import { setTimeout as sleep } from "node:timers/promises";

import { namespaceIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { isStopping, readServices, type ServiceState } from "../swarm/services.ts";
import { noteEdge } from "./edge-notices.ts";
import { StepFailure } from "./errors.ts";
import type { LogFile } from "./log-file.ts";
import { timeOfDay } from "./plain-text.ts";
import { type LoadFigures, mostEvents } from "./probe/figures.ts";
import { answeredNow, type Failure, type LoadResult, type Probe, startProbe } from "./probe/index.ts";
import { needed, type Promotion } from "./promotion.ts";
import { factsOf } from "./running.ts";
import { settingsFor } from "./stack-settings.ts";

/** How long tasks that were told to stop are waited for at most, in milliseconds. */
const drainLimit = 60_000;
const told = 10;

/** Waits until the tasks of the release before have ended: requests can be lost until then. */
async function drained(environment: EnvironmentName, engine: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + drainLimit;
  while (Date.now() < deadline && !signal.aborted) {
    const services = await readServices(connect(engine), namespaceIn(environment)).catch(() => undefined);
    if (services && !services.some(({ tasks }) => tasks.some(isStopping))) return;
    await sleep(250);
  }
}

const milliseconds = (value: number): string => `${Math.round(value)} ms`;

const time = (at: number): string => timeOfDay(new Date(at));

/** What became of the load, in one sentence. */
export const loadSentence = ({ sent, failed, failing, rate, latency }: Omit<LoadResult, "series">): string =>
  [
    `${failed} of ${sent} requests failed${failing ? ` between ${time(failing.from)} and ${time(failing.to)} UTC` : ""}`,
    `${Math.round(rate)}/s`,
    `p50 ${milliseconds(latency.p50)}`,
    `p99 ${milliseconds(latency.p99)}`,
    `at most ${milliseconds(latency.max)}`,
  ].join(", ");

function failureLine({ at, request, address, cause, servedBy }: Failure, services: readonly ServiceState[]): string {
  const by = servedBy ? `, served by ${taskName(services, servedBy) ?? servedBy}` : "";
  return `${time(at)} ${request} at ${address}: ${cause}${by}`;
}

const servedAt = (services: readonly ServiceState[], address: string) =>
  services.flatMap(({ name, tasks }) =>
    tasks.filter(({ addresses }) => addresses.includes(address)).map((task) => ({ name, ...task })),
  );

/** The tasks by the addresses that the edge knows them by. */
function taskName(services: readonly ServiceState[], address: string): string | undefined {
  const task = servedAt(services, address).at(-1);
  return task && `task ${task.id.slice(0, 12)} of ${task.name} on ${task.node}`;
}

/** `answered 500: {…}` → `answered 500`: what two failures of the same kind have in common. */
const kindOf = ({ request, cause }: Failure): string => `${request} ${/^answered \d+/.exec(cause)?.[0] ?? cause}`;

/**
 * The failures that a change is to blame for: all but those that tasks of another release answered, and had answered in the same
 * way before the change began. That the old tasks fail only since, as when a migration locks what they read, is the change's doing.
 */
export function ownFailures(
  failures: readonly Failure[],
  before: readonly Failure[],
  services: readonly ServiceState[],
  { images }: Pick<Release, "images">,
): Failure[] {
  const own = Object.values(images);
  const usual = new Set(before.map(kindOf));
  return failures.filter((failure) => {
    const tasks = failure.servedBy === undefined ? [] : servedAt(services, failure.servedBy);
    // An address may have gone from one task to the next.
    const others = tasks.length > 0 && !tasks.some(({ image }) => own.includes(image));
    return !others || !usual.has(kindOf(failure));
  });
}

/**
 * What an environment is sent while it changes, and the engine that knows its tasks. Nothing where nothing runs yet, so that
 * there is nothing to lose.
 */
async function prepare(environment: EnvironmentName, promotion: Promotion) {
  const { probe: all } = needed(promotion, "delivery");
  const { probe: rate } = (await settingsFor(needed(promotion, "checkout"))).environments[environment];
  if (rate === 0 || all.length === 0) return undefined;
  const facts = await factsOf(environment, promotion);
  if (!facts?.release) return undefined;
  const { addresses, engine } = facts;
  const requests = await answeredNow(all, addresses);
  for (const { method, path } of all.filter((request) => !requests.includes(request))) {
    const text = `${environment} does not answer ${method} ${path} as it should yet; it is not probed.`;
    promotion.progress({ type: "note", text });
  }
  const whole = requests.length === all.length;
  return requests.length === 0 ? undefined : { load: { requests, addresses, rate }, engine, whole };
}

/** What failed, as lines: all of them in the log, the first few for a person. */
function failureLines({ failed, failures }: LoadResult, services: readonly ServiceState[], log: LogFile): string[] {
  const lines = failures.map((failure) => failureLine(failure, services));
  for (const line of lines) log.note(line);
  return [...lines.slice(0, told), ...(failed > told ? [`… and ${failed - told} more`] : [])];
}

/** A change's own failure, with what users saw of it. */
function withLoss(failure: unknown, loss: string, lines: string[]): unknown {
  if (!(failure instanceof StepFailure)) return failure;
  const details = [...failure.details, `Meanwhile ${loss}`, ...lines];
  return new StepFailure(failure.message, { details, cause: failure, ...(failure.next ? { next: failure.next } : {}) });
}

const over = ["complete", "shutdown", "failed", "rejected"];

/** What tasks did in that time, in words and in order. */
export function happened(services: readonly ServiceState[], from: number, to: number): LoadFigures["events"] & object {
  const all = services.flatMap(({ name, updateStarted, tasks }) => [
    ...(updateStarted ? [{ at: updateStarted.getTime(), what: `the update of ${name} began` }] : []),
    ...tasks
      .filter(({ state }) => state === "running" || over.includes(state))
      .map(({ since, state, node }) => ({ at: since.getTime(), what: `${name} ${state} on ${node || "no node"}` })),
  ]);
  return all
    .filter(({ at }) => at >= from && at <= to)
    .toSorted((one, other) => one.at - other.at)
    .slice(0, mostEvents);
}

/** What of a load's failures is held against the release, as lines; none when nothing is. */
function heldAgainst(
  result: LoadResult,
  about: { environment: EnvironmentName; services: readonly ServiceState[]; before: readonly Failure[] },
  promotion: Promotion,
  log: LogFile,
): string[] {
  log.note(`\nprobe: ${loadSentence(result)}`);
  if (result.failed === 0) return [];
  const { environment, services, before } = about;
  const lines = failureLines(result, services, log);
  const own = ownFailures(result.failures, before, services, needed(promotion, "release"));
  const others = result.failures.length - own.length;
  if (others > 0) {
    const text = `${others} requests were answered wrongly by tasks of what ${environment} ran before, as they had been before this change.`;
    promotion.progress({ type: "note", text });
  }
  return result.failed > others ? lines : [];
}

/** A load that is on an environment. */
export interface RunningLoad {
  probe: Probe;
  engine: string;
  /** Whether it sends all that the release names; what the release before did not answer is missing. */
  whole: boolean;
  /** What failed before the change began. */
  before: readonly Failure[];
}

/** How many requests a second show what fails without any change, while Pulumi looks at what there is. */
const usualRate = 50;

/** Finds out what to send, and sends it once the change has begun, which takes Pulumi longer than the finding out. */
async function startProbing(
  environment: EnvironmentName,
  promotion: Promotion,
  begun: Promise<boolean>,
): Promise<RunningLoad | undefined> {
  const prepared = await prepare(environment, promotion);
  if (!prepared) return undefined;
  const { engine, load, whole } = prepared;
  const quiet = startProbe({ ...load, rate: Math.min(load.rate, usualRate) });
  const begins = await begun;
  const probe = begins ? startProbe(load) : undefined;
  const { failures: before } = await quiet.stop();
  return probe && { engine, whole, before, probe };
}

/** The load that the step before left on. */
function takeOver(promotion: Promotion, log: LogFile): RunningLoad | undefined {
  const { load } = promotion;
  delete promotion.load;
  if (load) log.note("The probe goes on from the step before");
  return load;
}

/** Ends a load once the last task that is replaced has ended. */
async function endedLoad(
  environment: EnvironmentName,
  { probe, engine, before }: RunningLoad,
  promotion: Promotion,
  log: LogFile,
): Promise<{ loss: string; lines: string[] }> {
  await drained(environment, engine, promotion.signal);
  const result = await probe.stop();
  const services = await readServices(connect(engine), namespaceIn(environment)).catch(() => []);
  const { sent, failed, failing, rate, latency, series } = result;
  const events = happened(services, series.from, Date.now());
  promotion.figures = { sent, failed, rate, latency, series, events };
  if (failing) {
    promotion.losses.push({ environment, sent, failed, from: new Date(failing.from), to: new Date(failing.to) });
  }
  const lines = heldAgainst(result, { environment, services, before }, promotion, log);
  if (failing) await noteEdge(connect(engine), services, failing, log);
  return { loss: loadSentence(result), lines };
}

/**
 * Changes an environment, or examines it, while a load is on it: from when that begins until the last task that is replaced
 * has ended. Where nothing runs yet, there is nothing to lose and the change is simply made.
 * @param change calls `begin` before it changes anything: earlier, the load would only keep the machine busy
 * @param goesOn whether the next step goes on with the load, rather than this one wait for tasks to end
 * @throws StepFailure when a request failed or was answered wrongly, whatever became of the change
 */
export async function probed<Result>(
  environment: EnvironmentName,
  promotion: Promotion,
  log: LogFile,
  change: (begin: () => void) => Promise<Result>,
  { goesOn = false } = {},
): Promise<Result> {
  const { promise: begun, resolve } = Promise.withResolvers<boolean>();
  promotion.figures = undefined;
  const [changed, probing] = await Promise.allSettled([
    change(() => resolve(true)).finally(() => resolve(false)),
    takeOver(promotion, log) ?? startProbing(environment, promotion, begun),
  ]);
  const load = probing.status === "fulfilled" ? probing.value : undefined;
  if (load && goesOn && load.whole && changed.status === "fulfilled") promotion.load = load;
  else if (load) {
    const { loss, lines } = await endedLoad(environment, load, promotion, log);
    if (lines.length > 0) {
      if (changed.status === "rejected") throw withLoss(changed.reason, loss, lines);
      throw new StepFailure(`While ${environment} changed, ${loss}`, { details: lines });
    }
  }
  for (const one of [changed, probing]) if (one.status === "rejected") throw one.reason;
  return (changed as PromiseFulfilledResult<Result>).value;
}
