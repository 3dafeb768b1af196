import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";

import { type Problem, SettingsError } from "../settings/errors.ts";
import { check } from "../settings/problems.ts";
import { type SpokenFor, spokenFor } from "./claims.ts";
import { parsePublicKey, type VerificationKey } from "./keys.ts";

const claimExpected = `one of ${spokenFor.join(", ")}`;

/** Whatever git takes for one, such as `ann@desk`. */
const emailExpected = "an e-mail address as git knows it, such as ann@example.org";

const schema = z.strictObject({
  keys: z.array(
    z.strictObject({
      name: z.string("a name for whose key it is").min(1).max(100),
      emails: z
        .array(z.string(emailExpected).regex(/^[^\s@]+@[^\s@]+$/, emailExpected), "a list of e-mail addresses")
        .default([]),
      key: z.string("an Ed25519 public key, in base64 on one line"),
      for: z.array(z.literal(spokenFor, claimExpected), "a list of what its word counts for").default([...spokenFor]),
      vouches: z.boolean("true or false").default(false),
      until: z.iso.datetime({ offset: true, error: "a time such as 2027-01-31T00:00:00Z" }).optional(),
    }),
    "a list of keys",
  ),
});

/** A key whose word counts, and what for. */
export interface TrustedKey extends VerificationKey {
  name: string;
  /** By which git knows the person as the author of commits. */
  emails: readonly string[];
  for: readonly SpokenFor[];
  /** Whether whoever holds it vouches for the people in whose name it signs, as a dashboard does for those who are logged in. */
  vouches: boolean;
  /** What it signed later than this does not count: how a key is replaced without losing what it said before. */
  until: Date | undefined;
}

/**
 * Reads the file that lists whose evidence counts.
 * @returns no key where there is no such file
 * @throws SettingsError naming every entry that is wrong
 */
export async function readTrust(file: string): Promise<TrustedKey[]> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const document = parseDocument(text);
  const [broken] = document.errors;
  const shownAs = basename(file);
  if (broken) throw new SettingsError(shownAs, [{ at: "syntax", found: broken.message, expected: "YAML" }]);
  const result = check(schema, document.toJS() ?? { keys: [] });
  if ("problems" in result) throw new SettingsError(shownAs, result.problems);
  const problems: Problem[] = [];
  const keys = result.value.keys.flatMap(({ key, until, ...rest }, index) => {
    const parsed = parsePublicKey(key);
    if (parsed) return [{ ...parsed, ...rest, until: until === undefined ? undefined : new Date(until) }];
    problems.push({
      at: `keys.${index}.key`,
      found: JSON.stringify(key.slice(0, 20)),
      expected: "an Ed25519 public key",
    });
    return [];
  });
  if (problems.length > 0) throw new SettingsError(shownAs, problems);
  return keys;
}

/** Why a key's word on a claim does not count; undefined when it does. */
export function distrust(
  { name, for: counts, until }: TrustedKey,
  claim: SpokenFor,
  signedOn: Date,
): string | undefined {
  if (!counts.includes(claim)) return `the key of ${name} does not count for ${claim}`;
  if (until && signedOn > until) return `the key of ${name} counts until ${until.toISOString()} only`;
  return undefined;
}
