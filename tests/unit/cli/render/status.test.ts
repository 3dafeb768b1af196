import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";

import { statusLines } from "../../../../cli/render/status.ts";
import type { EnvironmentStatus } from "../../../../pipeline/status.ts";

const service = (name: string, scale: EnvironmentStatus["services"][number]["scale"], running: number) => ({
  name,
  image: "demo/app",
  scale,
  desired: 3,
  running,
});

const lines = (status: EnvironmentStatus): string[] => statusLines([status]).map(stripVTControlCharacters);

test("an environment is told with its release, its tasks but for those that run once, and since when", () => {
  const status: EnvironmentStatus = {
    environment: "production",
    state: "degraded",
    release: { application: "demo", version: "1.0.0", commit: "0123456789abcdef" },
    since: new Date("2026-01-02T03:04:05Z"),
    addresses: ["http://127.0.0.1:8080"],
    services: [
      service("production_app", 3, 2),
      service("production_edge", "global", 3),
      service("production_migrate", "once", 0),
    ],
    reasons: ["production_app runs 2 of 3 tasks"],
  };
  expect(lines(status)).toEqual([
    "production degraded         demo 1.0.0 (0123456789ab)       5/6 tasks    since 2026-01-02 03:04:05 UTC",
    "  production_app runs 2 of 3 tasks",
    "  http://127.0.0.1:8080",
  ]);
});

test("one that is not there has no tasks to tell of", () => {
  const status: EnvironmentStatus = {
    environment: "staging",
    state: "not created",
    addresses: [],
    services: [],
    reasons: [],
  };
  expect(lines(status)).toEqual(["staging    not created      -"]);
});
