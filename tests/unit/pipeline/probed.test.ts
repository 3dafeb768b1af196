import { expect, test } from "vitest";

import { loadSentence, ownFailures } from "../../../pipeline/probed.ts";
import type { ServiceState } from "../../../swarm/services.ts";

const result = { sent: 100, failed: 0, failures: [], rate: 49.6, latency: { p50: 3.4, p99: 20.5, max: 31 } };

test("a load without loss is told with its rate and latencies", () => {
  expect(loadSentence(result)).toBe("0 of 100 requests failed, 50/s, p50 3 ms, p99 21 ms, at most 31 ms");
});

test("a loss is told with how long users saw errors", () => {
  const from = Date.UTC(2026, 0, 1, 12, 0, 0);
  const text = loadSentence({ ...result, failed: 2, failing: { from, to: from + 1_500 } });
  expect(text).toContain("2 of 100 requests failed between 12:00:00.000 and 12:00:01.500 UTC");
});

test("what another release's task answered is not held against a release; what nobody answered is", () => {
  const task = (image: string, address: string) => ({ image, addresses: [address] });
  const services = [{ tasks: [task("new", "10.0.0.1"), task("old", "10.0.0.2"), task("old", "10.0.0.1")] }];
  const failure = (servedBy?: string) => ({
    at: 0,
    request: "GET /",
    address: "",
    cause: "",
    ...(servedBy && { servedBy }),
  });
  const failures = [failure(), failure("10.0.0.1"), failure("10.0.0.2"), failure("10.0.0.9")];
  const own = ownFailures(failures, services as unknown as ServiceState[], { images: { app: "new" } });
  expect(own).toEqual([failures[0], failures[1], failures[3]]);
});
