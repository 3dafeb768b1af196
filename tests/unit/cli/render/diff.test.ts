import { expect, test } from "vitest";

import { diffLines } from "../../../../cli/render/diff.ts";
import type { EnvironmentDiff } from "../../../../pipeline/diff.ts";

const release = (digit: string) => ({ application: "demo", version: "1.0.0", commit: digit.repeat(40), images: {} });
const diff: EnvironmentDiff = {
  environment: "production",
  exists: true,
  from: release("a"),
  to: release("b"),
  changes: [],
  irreversible: [],
  notUndone: [],
};

test("an environment without changes says so", () => {
  expect(diffLines({ ...diff, to: release("a") })).toEqual(["production: demo 1.0.0 (aaaaaaaaaaaa)", "  No change."]);
});

test("changes are told one by one, with how many there are", () => {
  const changes = [{ kind: "update" as const, what: "service production_app", details: ["replicas 3 → 5"] }];
  expect(diffLines({ ...diff, changes })).toEqual([
    "production: demo 1.0.0 (aaaaaaaaaaaa) → demo 1.0.0 (bbbbbbbbbbbb)",
    "  ~ update  service production_app",
    "      replicas 3 → 5",
    "  1 to update.",
  ]);
});

test("an environment that does not exist would be made", () => {
  expect(diffLines({ ...diff, exists: false })).toEqual([
    "production does not exist yet: all of it would be made, with demo 1.0.0 (bbbbbbbbbbbb).",
  ]);
});

test("control characters in names are not shown as such", () => {
  const changes = [{ kind: "create" as const, what: "service \x1b[2Jx", details: [] }];
  expect(diffLines({ ...diff, changes }).join("")).not.toContain("\x1b");
});

test("migrations that cannot be gone back from come first, in either direction", () => {
  const changes = [{ kind: "update" as const, what: "service production_app", details: [] }];
  const lines = (migrations: Partial<EnvironmentDiff>) => diffLines({ ...diff, changes, ...migrations });
  expect(lines({ irreversible: ["migrations/2.sql"] })[1]).toBe(
    "  ! irreversible  migrations/2.sql: once it has run, demo 1.0.0 (aaaaaaaaaaaa) cannot be gone back to",
  );
  expect(lines({ notUndone: ["migrations/2.sql"] })[1]).toBe(
    "  ! not undone    migrations/2.sql: it has run here and is irreversible; demo 1.0.0 (bbbbbbbbbbbb) may not bear it",
  );
});
