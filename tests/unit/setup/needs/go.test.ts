import { expect, test } from "vitest";

import { goVersion, isAtLeast } from "../../../../setup/needs/go.ts";

test.for([
  ["1.26", "1.26", true],
  ["1.26.8", "1.26", true],
  ["1.27", "1.26", true],
  ["2.0", "1.26", true],
  ["1.25.9", "1.26", false],
  ["1.9", "1.26", false],
  ["1.26", "1.26.4", false],
] as const)("%s is at least %s: %s", ([has, wanted, expected]) => {
  expect(isAtLeast(has, wanted)).toBe(expected);
});

test.for([
  ["go version go1.26.8 linux/amd64", "1.26.8"],
  ["go version go1.19.8 linux/amd64", "1.19.8"],
  ["go version go1.27rc1 linux/arm64", "1.27"],
  ["bash: go: command not found", undefined],
] as const)("%s tells version %s", ([told, version]) => {
  expect(goVersion(told)).toBe(version);
});
