import { describe, expect, test, vi } from "vitest";

import type { ServiceState } from "../../swarm/services.ts";
import { facts } from "../support/facts.ts";
import { applications, containersOf } from "./application.ts";
import { expectNone } from "./expect-none.ts";
import { failuresOf, percentile, traffic } from "./traffic.ts";

const { addresses } = facts;
// Both only read; the second goes through to the database.
const paths = ["/demo/hello", "/demo/ready"];

/** Waits until every application has its full number of healthy tasks. */
const fullStrength = (): Promise<ServiceState[]> =>
  vi.waitFor(
    async () => {
      const found = await applications();
      expect(found).not.toEqual([]);
      for (const { name, replicas } of found) expect(`${name} ${replicas.running}`).toBe(`${name} ${replicas.desired}`);
      return found;
    },
    { timeout: 30_000, interval: 200 },
  );

/** Swarm takes a moment to notice a death, and for that long counts the dead. */
async function replaced(service: ServiceState, victim: string): Promise<void> {
  const noticed = async () => expect((await containersOf(service)).map(({ id }) => id)).not.toContain(victim);
  await vi.waitFor(noticed, { timeout: 10_000, interval: 100 });
  await fullStrength();
}

describe.runIf(facts.harsh)("under harsh treatment", () => {
  test("300 requests a second are all answered, 99 of 100 within a second", async () => {
    const load = await traffic({ addresses, paths, perSecond: 300, signal: AbortSignal.timeout(5000) });
    expectNone("Failed requests", failuresOf(load));
    expect(load.latencies.length).toBeGreaterThan(1400);
    expect(percentile(load, 0.99)).toBeLessThan(1000);
  });

  test("a task that is killed costs no request, and is replaced within 30 s", async () => {
    const [service] = await fullStrength();
    const [victim] = service ? await containersOf(service) : [];
    if (!service || !victim) throw new Error("No task of the application can be reached on its node");
    expect(service.replicas.desired).toBeGreaterThan(1);
    const over = new AbortController();
    const load = traffic({ addresses, paths, perSecond: 100, signal: over.signal });
    try {
      await victim.kill({ signal: "SIGKILL" });
      await replaced(service, victim.id);
    } finally {
      over.abort();
    }
    const result = await load;
    expectNone("Failed requests", failuresOf(result));
    expect(result.latencies.length).toBeGreaterThan(0);
  });
});
