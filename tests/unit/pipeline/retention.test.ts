import { expect, test } from "vitest";

import { type Need, type RetentionPolicy, retain, type StoredRelease } from "../../../pipeline/retention.ts";

const now = new Date("2026-06-30T12:00:00Z");
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
const digest = (name: string): string => `sha256:${name.padStart(64, "0")}`;

/** A release that was built so many days ago, and last used when it was built unless it is said. */
const release = (name: string, built: number, more: Partial<StoredRelease> = {}): StoredRelease => ({
  application: "demo",
  commit: name.padEnd(40, "0"),
  images: [{ repository: "demo/app", digest: digest(name), parts: [], builtFrom: name.padEnd(40, "0") }],
  builtOn: daysAgo(built),
  usedOn: daysAgo(built),
  ...more,
});

const policy: RetentionPolicy = { keepReleases: 2, keepDays: 30 };
const five = [release("a", 100), release("b", 80), release("c", 60), release("d", 50), release("e", 40)];
const names = (releases: readonly StoredRelease[]): string => releases.map(({ commit }) => commit[0]).join("");

interface Case {
  releases?: StoredRelease[];
  needs?: Need[];
  policy?: Partial<RetentionPolicy>;
  goes: string;
  stays: string;
}

test.each<[string, Case]>([
  ["without releases there is nothing to do", { releases: [], goes: "", stays: "" }],
  ["the newest stay by number, in whatever order they come", { goes: "cba", stays: "ed" }],
  ["fewer than are kept all stay", { policy: { keepReleases: 50 }, goes: "", stays: "edcba" }],
  ["as many as are kept all stay", { policy: { keepReleases: 5 }, goes: "", stays: "edcba" }],
  ["what was used within the days stays beside the newest", { policy: { keepDays: 61 }, goes: "ba", stays: "edc" }],
  ["the last day is over when it is over", { policy: { keepDays: 60 }, goes: "cba", stays: "ed" }],
  ["no days at all leave the number alone", { policy: { keepDays: 0, keepReleases: 1 }, goes: "dcba", stays: "e" }],
  [
    "an old one that was deployed again lately stays, and is none of the newest",
    { releases: [...five.slice(1), release("a", 100, { usedOn: daysAgo(1) })], goes: "cb", stays: "eda" },
  ],
  ["one of tomorrow, by another clock, stays", { releases: [...five, release("f", -1)], goes: "dcba", stays: "fe" }],
  ["what an environment runs stays", { needs: [{ digest: digest("a"), reason: "runs" }], goes: "cb", stays: "eda" }],
  ["what a run uses stays", { needs: [{ commit: "b00000000000", reason: "in use" }], goes: "ca", stays: "edb" }],
  ["what needs something else keeps nothing", { needs: [{ digest: "", reason: "other" }], goes: "cba", stays: "ed" }],
  [
    "one that is needed and new takes no other one's place among the newest",
    { needs: [{ digest: digest("e"), reason: "runs" }], goes: "cba", stays: "ed" },
  ],
])("%s", (_, { releases = five, needs = [], policy: other, goes, stays }) => {
  const found = retain(releases.toReversed(), needs, { ...policy, ...other }, now);
  expect([names(found.goes), names(found.stays)]).toEqual([goes, stays]);
});

test("every reason is told, once", () => {
  const needs = ["production runs it", "production runs it", "staging runs it"].map((reason) => ({
    digest: digest("e"),
    reason,
  }));
  const { stays } = retain(five, needs, { keepReleases: 1, keepDays: 45 }, now);
  expect(stays[0]?.reasons).toEqual([
    "production runs it",
    "staging runs it",
    "the newest",
    "used in the last 45 days",
  ]);
});

test("each application has newest ones of its own", () => {
  const other = { application: "other" };
  const releases = [...five, release("x", 300, other), release("y", 200, other), release("z", 100, other)];
  expect(names(retain(releases, [], policy, now).stays)).toBe("edzy");
});

test("a release stays whole when one of its images, or a part of one, is needed", () => {
  const images = [
    { repository: "demo/app", digest: digest("1"), parts: [digest("2")], builtFrom: "m" },
    { repository: "demo/job", digest: digest("3"), parts: [], builtFrom: "m" },
  ];
  const many = [...five, release("m", 200, { images })];
  for (const needed of ["1", "2", "3"]) {
    const { stays } = retain(many, [{ digest: digest(needed), reason: "runs" }], policy, now);
    expect(stays.at(-1)).toMatchObject({ images, reasons: ["runs"] });
  }
});

test("one whose age nothing tells stays", () => {
  const { builtOn: _, usedOn: __, ...unknown } = release("u", 0);
  const { goes, stays } = retain([...five, unknown], [], { keepReleases: 1, keepDays: 0 }, now);
  expect(names(goes)).toBe("edcba");
  expect(stays[0]?.reasons).toContain("nothing tells how old it is");
});
