import { expect, test } from "vitest";

import { digestOf, hostOf, parseRelease, placeOf, short } from "../../../settings/release.ts";

const release = {
  application: "demo",
  commit: "a".repeat(40),
  version: "1.0.0",
  images: { app: `127.0.0.1:5000/demo/app@sha256:${"b".repeat(64)}` },
};

test("a release is taken as it is", () => {
  expect(parseRelease("x", release)).toEqual(release);
});

test.each([
  ["an image by tag", { ...release, images: { app: "demo/app:latest" } }, "images.app"],
  ["a short commit", { ...release, commit: "abc" }, "commit"],
  ["no version", { ...release, version: "" }, "version"],
  ["an unknown key", { ...release, more: 1 }, "more"],
])("%s is refused", (_, input, at) => {
  expect(() => parseRelease("SLIPWAY_RELEASE", input)).toThrow(`SLIPWAY_RELEASE is not valid:\n  ${at}: `);
});

test("a digest is what follows the at sign", () => {
  expect(digestOf(release.images.app)).toBe(`sha256:${"b".repeat(64)}`);
});

test("a commit is read by its first twelve digits", () => {
  expect(short(release.commit)).toBe("a".repeat(12));
});

test.each([
  ["127.0.0.1:5000/demo/app", "127.0.0.1:5000", "demo/app"],
  ["registry.example.org/team/one/demo/app", "registry.example.org/team/one", "demo/app"],
])("%s is an application's image in a registry", (name, host, repository) => {
  const digest = `sha256:${"b".repeat(64)}`;
  expect(placeOf(`${name}@${digest}`)).toEqual({ host, repository, digest });
  expect(hostOf({ images: { app: `${name}@${digest}` } })).toBe(host);
  expect(hostOf(null)).toBeUndefined();
});
