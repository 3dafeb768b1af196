import { z } from "zod";

import { SettingsError } from "./errors.ts";
import { check } from "./problems.ts";

/** A reference to exactly one image: a repository and the digest of its manifest. */
export const imageReference = z
  .string()
  .regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, "an image by digest, such as 127.0.0.1:5000/demo/app@sha256:…");

const schema = z.strictObject({
  application: z.string().min(1, "the application's name"),
  commit: z.string().regex(/^[0-9a-f]{40}$/, "a full commit id of 40 hexadecimal digits"),
  version: z.string().min(1, "the application's version"),
  images: z.record(z.string(), imageReference),
});

/** A release: one commit of an application and the digests that were built from it, once. */
export type Release = z.output<typeof schema>;

/**
 * Checks something that claims to be a release.
 * @param source names where it came from, for the error
 * @throws SettingsError
 */
export function parseRelease(source: string, input: unknown): Release {
  const result = check(schema, input);
  if ("problems" in result) throw new SettingsError(source, result.problems);
  return result.value;
}

/** The environment variable that hands a release to an environment's program, as JSON. */
export const releaseVariable = "SLIPWAY_RELEASE";

/** The digest part of an image reference, `sha256:…`. */
export const digestOf = (reference: string): string => reference.slice(reference.indexOf("@") + 1);

/** The registry that a release's images are in, such as `127.0.0.1:5000`; undefined where there is none. */
export function hostOf(release: Pick<Release, "images"> | null): string | undefined {
  const [first] = Object.values(release?.images ?? {});
  return first === undefined ? undefined : placeOf(first).host;
}

/**
 * An image of a release in its parts: `registry.example.org/team/demo/app@sha256:…` is `demo/app`, the application and the image, in the
 * registry `registry.example.org/team`.
 */
export function placeOf(reference: string): { host: string; repository: string; digest: string } {
  const [name = ""] = reference.split("@");
  const parts = name.split("/");
  const own = Math.max(parts.length - 2, 1);
  return { host: parts.slice(0, own).join("/"), repository: parts.slice(own).join("/"), digest: digestOf(reference) };
}

/** The first 12 digits of a commit id, as people read them. */
export const short = (commit: string): string => commit.slice(0, 12);
