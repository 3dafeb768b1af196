import { describe, expect, test } from "vitest";
import { gatewayOf } from "../../../../infra/stack-file/network-args.ts";
import { durationText, parseBytes, parseCpus, parseDuration } from "../../../../infra/stack-file/units.ts";

describe("a duration", () => {
  test.each([
    ["90s", 90e9, "1m30s"],
    ["1m", 60e9, "1m"],
    ["1h", 3600e9, "1h"],
    ["1h0m5s", 3605e9, "1h0m5s"],
    ["1.5h", 5400e9, "1h30m"],
    ["1500ms", 1.5e9, "1.5s"],
    ["250ms", 250e6, "250ms"],
    ["0", 0, "0s"],
  ])("%s is read, and written as the docker plugin reads it back", (text, length, written) => {
    expect(parseDuration(text)).toBe(length);
    expect(durationText(length)).toBe(written);
  });

  test.each(["", "10", "-1s", "1 s", "1d", "s", "1s2"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

test.each([
  ["64M", 64 * 1024 ** 2],
  ["64mb", 64 * 1024 ** 2],
  ["1.5GiB", 1.5 * 1024 ** 3],
  ["512", 512],
  ["10 k", 10 * 1024],
  ["7b", 7],
  ["big", undefined],
  ["-1", undefined],
])("the size %s", (text, size) => {
  expect(parseBytes(text)).toBe(size);
});

test.each([
  ["0.5", 5e8],
  ["2", 2e9],
  [".25", 25e7],
  ["0.0000000001", undefined],
  ["a", undefined],
])("%s processors", (text, count) => {
  expect(parseCpus(text)).toBe(count);
});

test.each([
  ["10.77.4.0/22", "10.77.4.1"],
  ["10.77.5.9/22", "10.77.4.1"],
  ["192.168.255.128/25", "192.168.255.129"],
])("the gateway of %s", (subnet, gateway) => {
  expect(gatewayOf(subnet)).toBe(gateway);
});
