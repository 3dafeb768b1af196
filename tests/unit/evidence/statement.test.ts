import { expect, test } from "vitest";

import {
  misfits,
  predicates,
  readStatement,
  type StepClaim,
  stepField,
  writeStatement,
} from "../../../evidence/statement.ts";

const hex = (digit: string): string => digit.repeat(64);
const release = {
  application: "demo",
  commit: "a".repeat(40),
  version: "1.0.0",
  images: { app: `127.0.0.1:5000/demo/app@sha256:${hex("1")}`, job: `127.0.0.1:5000/demo/job@sha256:${hex("2")}` },
};
const step: StepClaim = {
  claim: "functional/staging",
  application: "demo",
  commit: release.commit,
  environment: "staging",
  startedOn: new Date("2026-01-01T00:00:00Z"),
  finishedOn: new Date("2026-01-01T00:00:05Z"),
  runBy: "ci",
  tools: { slipway: "0.1.0" },
};
const type = predicates.testResult;
const payload = writeStatement(release, step, { type, fields: { result: "PASSED" } });

test("a statement is in-toto's, about every image by digest, without the registry that it happens to be in", () => {
  expect(JSON.parse(payload.toString())).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      { name: "demo/app", digest: { sha256: hex("1") } },
      { name: "demo/job", digest: { sha256: hex("2") } },
    ],
    predicateType: "https://in-toto.io/attestation/test-result/v0.1",
    predicate: { result: "PASSED" },
  });
});

test("what was written is read again", () => {
  expect(readStatement(payload).predicate[stepField]).toEqual(step);
});

test("it fits its own release, in whatever registry that is by now", () => {
  const statement = readStatement(payload);
  expect(misfits(statement, release, "staging")).toEqual([]);
  const moved = Object.fromEntries(
    Object.entries(release.images).map(([name, image]) => [
      name,
      image.replace("127.0.0.1:5000", "registry.example.org"),
    ]),
  );
  expect(misfits(statement, { ...release, images: moved }, "staging")).toEqual([]);
});

test.each([
  [
    "another digest",
    { ...release, images: { ...release.images, job: `127.0.0.1:5000/demo/job@sha256:${hex("3")}` } },
    "staging",
    /other images/,
  ],
  ["an image less", { ...release, images: { app: release.images.app } }, "staging", /other images/],
  [
    "another repository",
    { ...release, images: { ...release.images, job: `127.0.0.1:5000/else/job@sha256:${hex("2")}` } },
    "staging",
    /other images/,
  ],
  ["another commit", { ...release, commit: "b".repeat(40) }, "staging", /about the commit aaaaaaaaaaaa/],
  ["another application", { ...release, application: "shop" }, "staging", /another application/],
  ["another environment", release, "production", /about staging/],
  ["no environment", release, undefined, /about staging/],
])("it is not taken for evidence of %s", (_, other, environment, reason) => {
  expect(misfits(readStatement(payload), other, environment).join()).toMatch(reason);
});

test.each([
  ["no JSON", "{", "not JSON"],
  ["another type", JSON.stringify({ _type: "x" }), "no statement"],
  ["no step", JSON.stringify({ ...JSON.parse(payload.toString()), predicate: {} }), "no statement"],
])("%s is refused", (_, text, reason) => {
  expect(() => readStatement(Buffer.from(text))).toThrow(reason);
});
