import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";

import { UsageError } from "../../pipeline/errors.ts";
import { SettingsError } from "../../settings/errors.ts";
import { check } from "../../settings/problems.ts";
import { type Role, roles } from "./users.ts";

const loopback = ["127.0.0.1", "localhost", "[::1]"];

const address = "an https address, or an http one of this machine";
const url = z.string(address).refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && loopback.includes(hostname));
}, address);

const values = z.array(z.string("a value of the claim"), "a list of the claim's values").default([]);

const schema = z.strictObject({
  issuer: url,
  client: z.string("the client's id").min(1),
  /** Where browsers reach the dashboard: they are sent back there. */
  dashboard: url,
  scope: z.string("scopes, with spaces between").default("openid email profile"),
  /** Which claim a person is called by. */
  name: z.string("a claim's name").default("preferred_username"),
  roles: z.strictObject({
    claim: z.string("a claim's name").default("groups"),
    view: values,
    approve: values,
    operate: values,
  }),
});

/** By whom people log in, and who of them may do what. */
export type OidcSettings = z.output<typeof schema>;

/**
 * Reads them.
 * @throws SettingsError naming every entry that is wrong, UsageError when the file cannot be read
 */
export async function readOidcSettings(file: string): Promise<OidcSettings> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read: ${cause.code ?? cause.message}`, { cause });
  });
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new SettingsError(basename(file), [{ at: "syntax", found: broken.message, expected: "YAML" }]);
  const result = check(schema, document.toJS());
  if ("problems" in result) throw new SettingsError(basename(file), result.problems);
  return result.value;
}

/** Where browsers come back to. */
export const returnPath = "/login/provider/return";

export const secretVariable = "SLIPWAY_OIDC_SECRET";
export const secretFileVariable = "SLIPWAY_OIDC_SECRET_FILE";

/**
 * The client's secret, from the environment or the file that it names.
 * @throws UsageError when there is none
 */
export async function oidcSecret(own: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { [secretVariable]: secret, [secretFileVariable]: file } = own;
  if (secret) return secret;
  if (!file) {
    throw new UsageError("There is no secret of the OpenID Connect client", {
      next: `${secretFileVariable}=FILE, or ${secretVariable}`,
    });
  }
  const text = await readFile(file, "utf8").catch(() => {
    throw new UsageError(`${secretFileVariable} names ${file}, which cannot be read`);
  });
  return text.trim();
}

/** The highest role that a claim's values give; undefined where they give none. */
export function roleOf(claim: unknown, { roles: given }: OidcSettings): Role | undefined {
  const has = new Set([claim].flat().filter((value) => typeof value === "string"));
  return roles.findLast((role) => given[role].some((value) => has.has(value)));
}
