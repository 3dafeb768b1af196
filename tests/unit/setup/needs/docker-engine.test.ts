import { expect, test } from "vitest";

import { isEngine } from "../../../../setup/needs/docker-engine.ts";

test.for([
  ["an engine that runs", "Name:\tdockerd\nState:\tS (sleeping)\n", true],
  ["its containerd", "Name:\tcontainerd\nState:\tR (running)\n", true],
  ["a dead one that nobody has waited for", "Name:\tdockerd\nState:\tZ (zombie)\n", false],
  ["somebody else with its pid", "Name:\tnode\nState:\tS (sleeping)\n", false],
  ["nobody", "", false],
] as const)("a pid file of %s: %s", ([, status, expected]) => {
  expect(isEngine(status)).toBe(expected);
});
