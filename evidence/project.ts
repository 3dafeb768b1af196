import { join } from "node:path";

import { generated, projectRoot } from "../settings/project.ts";
import { spokenFor } from "./claims.ts";
import { createSigningKey, type SigningKey, signingKey } from "./keys.ts";
import { readTrust, type TrustedKey } from "./trust.ts";

const keyFile = (): string => generated("keys", "signing.pem");

/** The file in the repository that lists whose evidence counts. */
export const trustFile = "trusted-keys.yaml";

/**
 * The key that this project signs with here: the person's own, else one that is made for this clone.
 * @throws EvidenceError when the key that is there cannot be used
 */
export const ownKey = async (): Promise<SigningKey> => (await signingKey(keyFile())) ?? createSigningKey(keyFile());

/**
 * Whose evidence counts: the keys that the repository lists. Where it lists none, delivery is by one clone alone, and the key that
 * counts is that clone's own.
 * @throws SettingsError when the list is wrong, EvidenceError when this clone's key cannot be used
 */
export async function trustedKeys(): Promise<TrustedKey[]> {
  const listed = await readTrust(join(projectRoot, trustFile));
  if (listed.length > 0) return listed;
  const { id, publicKey } = await ownKey();
  return [{ id, publicKey, name: "this clone", emails: [], for: spokenFor, vouches: true, until: undefined }];
}
