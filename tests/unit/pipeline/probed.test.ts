import { expect, test } from "vitest";

import { loadSentence } from "../../../pipeline/probed.ts";

const result = { sent: 100, failed: 0, failures: [], rate: 49.6, latency: { p50: 3.4, p99: 20.5, max: 31 } };

test("a load without loss is told with its rate and latencies", () => {
  expect(loadSentence(result)).toBe("0 of 100 requests failed, 50/s, p50 3 ms, p99 21 ms, at most 31 ms");
});

test("a loss is told with how long users saw errors", () => {
  const from = Date.UTC(2026, 0, 1, 12, 0, 0);
  const text = loadSentence({ ...result, failed: 2, failing: { from, to: from + 1_500 } });
  expect(text).toContain("2 of 100 requests failed between 12:00:00.000 and 12:00:01.500 UTC");
});
