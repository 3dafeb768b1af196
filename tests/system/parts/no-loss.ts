import { join } from "node:path";
import { expect, test } from "vitest";

import { startProbe } from "../../../pipeline/probe/index.ts";
import { readDelivery } from "../../../settings/delivery.ts";
import type { Clone } from "../../support/clone.ts";
import { disturbances } from "../../support/disturbances.ts";
import { leaveOut, long } from "../../support/long.ts";

const rate = 100;
/** The others are under load in the promotions of the other parts, or take longer and are in bench/loss.ts. */
const here = [
  "a new password for the database, another, and back over both",
  ...(long ? ["TLS begun, and another certificate", "the edge replaced node by node"] : []),
  "the door replaced node by node",
  ...(long ? ["a node killed and back again"] : []),
];

/** Whatever happens to production, no request is lost. */
export function noLoss(clone: () => Clone): void {
  const chosen = disturbances.filter(({ name }) => here.includes(name));

  test.each(chosen)("$name loses no request", async ({ run }) => {
    const { probe } = await readDelivery(join(clone().root, "demo", "delivery.yaml"), clone().root);
    const first = Number(await clone().get("production", "port"));
    // The third node is the one that is killed, and nobody is sent to it.
    const addresses = [first, first + 1].map((port) => `http://127.0.0.1:${port}`);
    const load = startProbe({ requests: probe, addresses, rate });
    const [ended] = await Promise.allSettled([run(clone())]);
    const result = await load.stop();
    expect(ended).toMatchObject({ status: "fulfilled" });
    expect(result.sent).toBeGreaterThan(rate);
    expect(result.failed, JSON.stringify(result.failures.slice(0, 5), undefined, 1)).toBe(0);
  });

  if (!long) leaveOut("TLS begun, the edge replaced, a node killed");

  test("every disturbance that is meant is there", () => {
    expect(chosen.map(({ name }) => name)).toEqual(here);
  });
}
