import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import { tailOf } from "./logs.ts";
import { readServices, type ServiceState, type TaskState } from "./services.ts";
import { type RolloutTarget, type Verdict, verdict } from "./verdict.ts";

/** A rollout that did not end with every task running the release, with Swarm's reason and the last log lines. */
export class RolloutError extends Error {
  override readonly name = "RolloutError";
}

/** The line of a RolloutError after which the task's own log lines come. */
export const logTitle = "  its last log lines:";

interface Waiter {
  target: RolloutTarget;
  deadline: number;
  limit: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Milliseconds between two polls; more where Swarm is asked about so much that a poll takes long. */
const pollEvery = 100;
const restPerPoll = 4;

/** A task, where it is, and what became of it. */
export const where = (task: TaskState): string =>
  [
    `  task ${task.id.slice(0, 12)} on ${task.node || "no node"}: ${task.state}`,
    task.error ? `, ${task.error}` : "",
    task.exitCode === undefined ? "" : ` (exit code ${task.exitCode})`,
    // Swarm gives no reason of its own for these.
    task.state === "complete" ? ", which it did by itself or because its health check failed" : "",
  ].join("");

const summary = (service: ServiceState | undefined): string[] =>
  (service?.tasks ?? []).filter((task) => task.desired === "running").map(where);

/**
 * Waits for the rollouts of one environment. All waiters share one poll of three API calls, so what is asked of the
 * managers does not grow with the number of services.
 */
export class Rollouts {
  readonly #engine: Docker;
  readonly #namespace: string;
  /** Failures before this are history; by our clock. Made before anything is changed, since tasks can fail at once. */
  readonly #started = Date.now();
  readonly #waiters = new Set<Waiter>();
  #polling: Promise<void> | undefined;
  /** How far the engine's clock is ahead of ours, in milliseconds. */
  #skew: number | undefined;

  constructor(engine: Docker, namespace: string) {
    this.#engine = engine;
    this.#namespace = namespace;
  }

  /**
   * Resolves once every task of the service that should run runs `target.image` and is healthy.
   * @param limit how long to wait at most, in milliseconds
   * @throws RolloutError at once when Swarm paused or rolled back the update, when a task cannot be scheduled or does
   * not stay up, and at the limit otherwise
   */
  converged(target: RolloutTarget, limit: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.add({ target, limit, deadline: Date.now() + limit, resolve, reject });
      this.#polling ??= this.#poll();
    });
  }

  async #poll(): Promise<void> {
    const started = await this.#engineTime(this.#started);
    while (this.#waiters.size > 0) {
      const asked = performance.now();
      // Who comes while Swarm is asked has changed something since, perhaps after it was read.
      const waiters = [...this.#waiters];
      const services = await readServices(this.#engine, this.#namespace).catch((error: Error) => error);
      const rest = restPerPoll * (performance.now() - asked);
      const now = await this.#engineTime(Date.now());
      for (const waiter of waiters) await this.#judge(waiter, services, started, now);
      if (this.#waiters.size > 0) await sleep(Math.max(pollEvery, rest));
    }
    this.#polling = undefined;
  }

  async #engineTime(ours: number): Promise<Date> {
    if (this.#skew === undefined) {
      const info = (await this.#engine.info().catch(() => ({}))) as { SystemTime?: string };
      if (!info.SystemTime) return new Date(ours);
      this.#skew = Date.parse(info.SystemTime) - Date.now();
    }
    return new Date(ours + this.#skew);
  }

  async #judge(waiter: Waiter, services: ServiceState[] | Error, started: Date, now: Date): Promise<void> {
    const { target } = waiter;
    const service = services instanceof Error ? undefined : services.find(({ name }) => name === target.service);
    const result: Verdict =
      services instanceof Error
        ? { kind: "progressing", detail: `the engine does not answer: ${services.message}` }
        : verdict(service, target, started, now);
    if (result.kind === "converged") this.#end(waiter, waiter.resolve);
    else if (result.kind === "failed") {
      const error = await this.#failure(target, result);
      this.#end(waiter, () => waiter.reject(error));
    } else if (Date.now() > waiter.deadline) {
      const lines = [
        `${target.service} did not converge within ${waiter.limit / 1_000} s: ${result.detail}`,
        ...summary(service),
      ];
      this.#end(waiter, () => waiter.reject(new RolloutError(lines.join("\n"))));
    }
  }

  #end(waiter: Waiter, settle: () => void): void {
    this.#waiters.delete(waiter);
    settle();
  }

  async #failure(target: RolloutTarget, result: Extract<Verdict, { kind: "failed" }>): Promise<RolloutError> {
    const lines = [`${target.service}: ${result.reason}`];
    if (result.task) {
      lines.push(where(result.task));
      // One that no node has taken never wrote anything.
      const log = result.task.node ? await tailOf(this.#engine, result.task.id) : [];
      if (log.length > 0) lines.push(logTitle, ...log.map((line) => `    ${line}`));
    }
    return new RolloutError(lines.join("\n"));
  }
}
