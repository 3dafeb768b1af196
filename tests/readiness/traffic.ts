import { setTimeout as sleep } from "node:timers/promises";

import { Pool } from "undici";

export interface TrafficArgs {
  /** The edges that the requests go through, in turn. */
  addresses: string[];
  /** Asked for in turn; only ever read. */
  paths: string[];
  perSecond: number;
  /** Ends the traffic; requests on their way are still awaited. */
  signal: AbortSignal;
}

export interface Traffic {
  /** What went wrong with how many requests; thousands may fail the same way. */
  failures: Record<string, number>;
  /** Milliseconds from when each request was due, so that a stall counts for all that it held up. */
  latencies: number[];
}

const timeout = 10_000;
const tick = 5;

/** Sends requests at a steady rate, whether or not the earlier ones were answered. */
export async function traffic({ addresses, paths, perSecond, signal }: TrafficArgs): Promise<Traffic> {
  const pools = addresses.map((address) => new Pool(address, { connections: 32, pipelining: 1 }));
  const result: Traffic = { failures: {}, latencies: [] };
  const underWay: Promise<void>[] = [];
  const start = performance.now();
  while (!signal.aborted) {
    const due = ((performance.now() - start) / 1000) * perSecond;
    for (let index = underWay.length; index < due; index++) {
      const pool = pools[index % pools.length];
      const path = paths[index % paths.length];
      if (pool && path) underWay.push(ask(pool, path, start + (index * 1000) / perSecond, result));
    }
    await sleep(tick);
  }
  await Promise.all(underWay);
  await Promise.all(pools.map((pool) => pool.close()));
  return result;
}

async function ask(pool: Pool, path: string, due: number, result: Traffic): Promise<void> {
  const failure = await failureOf(pool, path);
  if (failure !== undefined) {
    const what = `GET ${path}: ${failure}`;
    result.failures[what] = (result.failures[what] ?? 0) + 1;
  }
  result.latencies.push(performance.now() - due);
}

async function failureOf(pool: Pool, path: string): Promise<string | undefined> {
  try {
    const limits = { headersTimeout: timeout, bodyTimeout: timeout };
    const { statusCode, body } = await pool.request({ path, method: "GET", ...limits });
    const text = await body.text();
    return statusCode === 200 ? undefined : `${statusCode} ${text.slice(0, 100).trim()}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A line for each way in which requests failed. */
export const failuresOf = ({ failures }: Traffic): string[] =>
  Object.entries(failures).map(([what, count]) => `${count} × ${what}`);

/** The latency that all but `share` of the requests stayed under. */
export function percentile({ latencies }: Traffic, share: number): number {
  const sorted = latencies.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
