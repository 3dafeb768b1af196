import { expect } from "vitest";

import { expectNone } from "./expect-none.ts";
import { failuresOf, type Traffic, traffic } from "./traffic.ts";

// Both only read; the second goes through to the database.
const paths = ["/demo/hello", "/demo/ready"];

/** Does something while requests are sent, of which none may fail. */
export async function underLoad(
  { perSecond, addresses }: { perSecond: number; addresses: string[] },
  action: () => Promise<void>,
): Promise<Traffic> {
  const over = new AbortController();
  const load = traffic({ addresses, paths, perSecond, signal: over.signal });
  const [done] = await Promise.allSettled([action()]);
  over.abort();
  const result = await load;
  expectNone("Failed requests", failuresOf(result));
  if (done.status === "rejected") throw done.reason;
  expect(result.latencies.length).toBeGreaterThan(0);
  return result;
}
