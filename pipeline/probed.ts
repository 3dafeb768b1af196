import { setTimeout as sleep } from "node:timers/promises";

import type { EnvironmentName } from "../settings/environment.ts";
import { connect } from "../swarm/engine.ts";
import { readServices, type ServiceState } from "../swarm/services.ts";
import { StepFailure } from "./errors.ts";
import { type EnvironmentFacts, environmentFacts } from "./facts.ts";
import type { LogFile } from "./log-file.ts";
import { answeredNow, type Failure, type LoadResult, startProbe } from "./probe/index.ts";
import { needed, type Promotion } from "./promotion.ts";
import { stackSettings } from "./stack-settings.ts";
import { stackOutputs } from "./workspace.ts";

/** How long tasks that were told to stop are waited for at most, in milliseconds. */
const drainLimit = 60_000;
const told = 10;

const draining = ({ tasks }: ServiceState): boolean =>
  tasks.some(({ state, desired }) => state === "running" && desired !== "running");

/** Waits until the tasks of the release before have ended: requests can be lost until then. */
async function drained(environment: EnvironmentName, { engine }: EnvironmentFacts, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + drainLimit;
  while (Date.now() < deadline && !signal.aborted) {
    const services = await readServices(connect(engine), environment).catch(() => undefined);
    if (services && !services.some(draining)) return;
    await sleep(250);
  }
}

const milliseconds = (value: number): string => `${Math.round(value)} ms`;

/** What became of the load, in one sentence. */
export const loadSentence = ({ sent, failed, rate, latency }: LoadResult): string =>
  [
    `${failed} of ${sent} requests failed`,
    `${Math.round(rate)}/s`,
    `p50 ${milliseconds(latency.p50)}`,
    `p99 ${milliseconds(latency.p99)}`,
    `at most ${milliseconds(latency.max)}`,
  ].join(", ");

function failureLine({ at, request, address, cause, servedBy }: Failure, names: Map<string, string>): string {
  const by = servedBy ? `, served by ${names.get(servedBy) ?? servedBy}` : "";
  return `${new Date(at).toISOString().slice(11, 23)} ${request} at ${address}: ${cause}${by}`;
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

/**
 * Changes an environment while a load is on it, from before the change until the last task that it replaces has ended.
 * Where nothing runs yet, there is nothing to lose and the change is simply made.
 * @throws StepFailure when a request failed or was answered wrongly, whatever became of the change
 */
export async function probed<Result>(
  environment: EnvironmentName,
  promotion: Promotion,
  log: LogFile,
  change: () => Promise<Result>,
): Promise<Result> {
  const { probe: all } = needed(promotion, "delivery");
  const { probe: rate } = (await stackSettings()).environments[environment];
  const facts = environmentFacts(environment, await stackOutputs(environment));
  if (rate === 0 || all.length === 0 || !facts?.release) return change();

  const requests = await answeredNow(all, facts.addresses);
  const left = all.filter((request) => !requests.includes(request));
  for (const { method, path } of left) {
    promotion.progress({
      type: "note",
      text: `${environment} does not answer ${method} ${path} rightly yet; not probed.`,
    });
  }
  if (requests.length === 0) return change();

  const probe = startProbe({ requests, addresses: facts.addresses, rate });
  const changed = await change().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await drained(environment, facts, promotion.signal);
  const result = await probe.stop();
  log.note(`\nprobe: ${loadSentence(result)}`);
  if (result.failed === 0) {
    if ("error" in changed) throw changed.error;
    return changed.value;
  }
  const names = await taskNames(environment, facts);
  const lines = result.failures.map((failure) => failureLine(failure, names));
  for (const line of lines) log.note(line);
  const more = result.failed > told ? [`… and ${result.failed - told} more`] : [];
  const details = [...lines.slice(0, told), ...more];
  if ("error" in changed) {
    if (!(changed.error instanceof StepFailure)) throw changed.error;
    throw new StepFailure(changed.error.message, {
      details: [...changed.error.details, `meanwhile ${loadSentence(result)}`, ...details],
      cause: changed.error,
      ...(changed.error.next ? { next: changed.error.next } : {}),
    });
  }
  throw new StepFailure(`While ${environment} changed, ${loadSentence(result)}`, { details });
}
