import { expect, test } from "vitest";

import { happened, loadSentence, ownFailures } from "../../../pipeline/probed.ts";
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

const task = (image: string, address: string) => ({ image, addresses: [address] });
const services = [
  { tasks: [task("new", "10.0.0.1"), task("old", "10.0.0.2"), task("old", "10.0.0.1")] },
] as unknown as ServiceState[];
const failure = (cause: string, servedBy?: string) => ({
  at: 0,
  request: "GET /",
  address: "",
  cause,
  ...(servedBy && { servedBy }),
});
const images = { app: "new" };

test("what old tasks answered wrongly before the change, too, is not held against it; what nobody answered is", () => {
  const before = [failure("answered 500: {}", "10.0.0.2")];
  const said = "answered 500: {}";
  const failures = [undefined, "10.0.0.1", "10.0.0.2", "10.0.0.9"].map((by) => failure(said, by));
  const own = ownFailures(failures, before, services, { images });
  expect(own).toEqual([failures[0], failures[1], failures[3]]);
});

test("old tasks that answer wrongly only since the change began are its doing", () => {
  const before = [failure("answered 500: {}", "10.0.0.2")];
  const locked = failure("answered 503: the database cannot be reached", "10.0.0.2");
  const other = { ...failure("answered 500: {}", "10.0.0.2"), request: "PUT /" };
  expect(ownFailures([locked, other], before, services, { images })).toEqual([locked, other]);
});

test("what tasks did while the load was on is told in order, and what they did before is not", () => {
  const at = (second: number): Date => new Date(second * 1_000);
  const one = (node: string, state: string, second: number) => ({ node, state, since: at(second) });
  const tasks = [one("n2", "running", 14), one("n1", "shutdown", 12), one("n3", "running", 3), one("", "pending", 13)];
  const service = { name: "app", updateStarted: at(11), tasks } as unknown as ServiceState;
  expect(happened([service], 10_000, 20_000)).toEqual([
    { at: 11_000, what: "the update of app began" },
    { at: 12_000, what: "app shutdown on n1" },
    { at: 14_000, what: "app running on n2" },
  ]);
});
