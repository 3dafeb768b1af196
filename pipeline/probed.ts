import { setTimeout as sleep } from "node:timers/promises";

import type { EnvironmentName } from "../settings/environment.ts";
import { connect } from "../swarm/engine.ts";
import { isStopping, readServices } from "../swarm/services.ts";
import { StepFailure } from "./errors.ts";
import { type EnvironmentFacts, environmentFacts } from "./facts.ts";
import type { LogFile } from "./log-file.ts";
import { answeredNow, type Failure, type LoadResult, startProbe } from "./probe/index.ts";
import { needed, type Promotion } from "./promotion.ts";
import { inFolder, stackSettings } from "./stack-settings.ts";
import { stackOutputs } from "./workspace.ts";

/** How long tasks that were told to stop are waited for at most, in milliseconds. */
const drainLimit = 60_000;
const told = 10;

/** Waits until the tasks of the release before have ended: requests can be lost until then. */
async function drained(environment: EnvironmentName, { engine }: EnvironmentFacts, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + drainLimit;
  while (Date.now() < deadline && !signal.aborted) {
    const services = await readServices(connect(engine), environment).catch(() => undefined);
    if (services && !services.some(({ tasks }) => tasks.some(isStopping))) return;
    await sleep(250);
  }
}

const milliseconds = (value: number): string => `${Math.round(value)} ms`;

const time = (at: number): string => new Date(at).toISOString().slice(11, 23);

/** What became of the load, in one sentence. */
export const loadSentence = ({ sent, failed, failing, rate, latency }: LoadResult): string =>
  [
    `${failed} of ${sent} requests failed${failing ? ` between ${time(failing.from)} and ${time(failing.to)} UTC` : ""}`,
    `${Math.round(rate)}/s`,
    `p50 ${milliseconds(latency.p50)}`,
    `p99 ${milliseconds(latency.p99)}`,
    `at most ${milliseconds(latency.max)}`,
  ].join(", ");

function failureLine({ at, request, address, cause, servedBy }: Failure, names: Map<string, string>): string {
  const by = servedBy ? `, served by ${names.get(servedBy) ?? servedBy}` : "";
  return `${time(at)} ${request} at ${address}: ${cause}${by}`;
}

/** The tasks by the addresses that the edge knows them by. */
async function taskNames(environment: EnvironmentName, { engine }: EnvironmentFacts): Promise<Map<string, string>> {
  const services = await readServices(connect(engine), environment).catch(() => []);
  const tasks = services.flatMap(({ name, tasks: own }) => own.map((task) => ({ name, ...task })));
  return new Map(
    tasks.flatMap(({ name, id, node, addresses }) =>
      addresses.map((address) => [address, `task ${id.slice(0, 12)} of ${name} on ${node}`] as const),
    ),
  );
}

/** The requests that the environment is sent while it changes; none where nothing runs yet, so there is nothing to lose. */
async function loadFor(environment: EnvironmentName, facts: EnvironmentFacts | undefined, promotion: Promotion) {
  const { probe: all } = needed(promotion, "delivery");
  const { probe: rate } = (await stackSettings(inFolder(needed(promotion, "checkout")))).environments[environment];
  if (rate === 0 || all.length === 0 || !facts?.release) return undefined;
  const requests = await answeredNow(all, facts.addresses);
  for (const { method, path } of all.filter((request) => !requests.includes(request))) {
    const text = `${environment} does not answer ${method} ${path} as it should yet; it is not probed.`;
    promotion.progress({ type: "note", text });
  }
  return requests.length === 0 ? undefined : { requests, addresses: facts.addresses, rate };
}

/** What failed, as lines: all of them in the log, the first few for a person. */
async function failureLines(
  environment: EnvironmentName,
  facts: EnvironmentFacts,
  { failed, failures }: LoadResult,
  log: LogFile,
): Promise<string[]> {
  const names = await taskNames(environment, facts);
  const lines = failures.map((failure) => failureLine(failure, names));
  for (const line of lines) log.note(line);
  return [...lines.slice(0, told), ...(failed > told ? [`… and ${failed - told} more`] : [])];
}

/** A change's own failure, with what users saw of it. */
function withLoss(failure: unknown, loss: string, lines: string[]): unknown {
  if (!(failure instanceof StepFailure)) return failure;
  const details = [...failure.details, `Meanwhile ${loss}`, ...lines];
  return new StepFailure(failure.message, { details, cause: failure, ...(failure.next ? { next: failure.next } : {}) });
}

/**
 * Changes an environment, or examines it, while a load is on it: from before until the last task that is replaced has
 * ended. Where nothing runs yet, there is nothing to lose and the change is simply made.
 * @throws StepFailure when a request failed or was answered wrongly, whatever became of the change
 */
export async function probed<Result>(
  environment: EnvironmentName,
  promotion: Promotion,
  log: LogFile,
  change: () => Promise<Result>,
): Promise<Result> {
  const facts = environmentFacts(environment, await stackOutputs(environment, { signal: promotion.signal }));
  const load = await loadFor(environment, facts, promotion);
  if (!load || !facts) return change();

  const probe = startProbe(load);
  const [changed] = await Promise.allSettled([change()]);
  await drained(environment, facts, promotion.signal);
  const result = await probe.stop();
  log.note(`\nprobe: ${loadSentence(result)}`);

  if (result.failed > 0) {
    const lines = await failureLines(environment, facts, result, log);
    if (changed.status === "rejected") throw withLoss(changed.reason, loadSentence(result), lines);
    throw new StepFailure(`While ${environment} changed, ${loadSentence(result)}`, { details: lines });
  }
  if (changed.status === "rejected") throw changed.reason;
  return changed.value;
}
