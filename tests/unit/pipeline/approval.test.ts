import { expect, test } from "vitest";

import { hashOf } from "../../../pipeline/approval.ts";
import type { EnvironmentDiff } from "../../../pipeline/diff.ts";

const release = (digit: string) => ({
  application: "demo",
  commit: digit.repeat(40),
  version: "1.0.0",
  images: { app: `127.0.0.1:5000/demo/app@sha256:${digit.repeat(64)}` },
});

const diff: EnvironmentDiff = {
  environment: "production",
  exists: true,
  from: release("a"),
  to: release("b"),
  changes: [{ kind: "update", what: "service production_app", details: ["image a → b"] }],
  irreversible: [],
  notUndone: [],
};

test("an approval of one diff is of the same diff again", () => {
  expect(hashOf(structuredClone(diff))).toBe(hashOf(diff));
});

test.each<[string, Partial<EnvironmentDiff>]>([
  ["other images", { to: { ...release("b"), images: release("c").images } }],
  ["another commit of the same images", { to: { ...release("b"), commit: "c".repeat(40) } }],
  ["another release that is replaced", { from: release("c") }],
  ["nothing that is replaced", { from: undefined }],
  ["one thing more", { changes: [...diff.changes, { kind: "delete", what: "secret x", details: [] }] }],
  ["another detail", { changes: [{ kind: "update", what: "service production_app", details: ["image a → c"] }] }],
  ["another kind of change", { changes: [{ ...diff.changes[0], kind: "replace" } as EnvironmentDiff["changes"][0]] }],
  ["a migration that cannot be gone back from", { irreversible: ["2.sql"] }],
  ["a migration that stays", { notUndone: ["2.sql"] }],
  ["another environment", { environment: "prodlike" }],
])("it is not of %s", (_, other) => {
  expect(hashOf({ ...diff, ...other })).not.toBe(hashOf(diff));
});
