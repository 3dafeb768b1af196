import { Worker } from "node:worker_threads";
import { Agent } from "undici";

import type { ProbeRequest } from "../../settings/delivery.ts";
import { ask, type Load, type LoadResult } from "./load.ts";

export type { Failure, Load, LoadResult } from "./load.ts";

/** A load that goes on until it is stopped. */
export interface Probe {
  /** Ends it and tells what became of every request. */
  stop(): Promise<LoadResult>;
}

/** Starts sending, in a thread of its own. */
export function startProbe(load: Load): Probe {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: load });
  const ended = new Promise<LoadResult>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  // Whoever stops it hears of the error; before that, nobody does.
  ended.catch(() => {});
  worker.unref();
  return {
    async stop() {
      worker.ref();
      worker.postMessage("stop");
      const result = await ended;
      await worker.terminate();
      return result;
    },
  };
}

/**
 * Sends each request once to each address, to learn which ones the environment answers as they say.
 * @returns those that it does; what only the release to come serves cannot be probed while it comes
 */
export async function answeredNow(requests: readonly ProbeRequest[], addresses: string[]): Promise<ProbeRequest[]> {
  const agent = new Agent({ headersTimeout: 5_000, bodyTimeout: 5_000, connectTimeout: 5_000 });
  try {
    const wrong = await Promise.all(
      requests.map((request) =>
        Promise.all(addresses.map(async (to) => (await ask(agent, to, request, { n: 0, alone: true })).wrong)),
      ),
    );
    return requests.filter((_, index) => wrong[index]?.every((one) => one === undefined));
  } finally {
    await agent.close();
  }
}
