import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { EvidenceError } from "./errors.ts";

/** The environment variable that holds the private key, as PEM, where there is no file of it. */
export const keyVariable = "SLIPWAY_SIGNING_KEY";

/** The one that names a file of it, such as what systemd or Docker gives a service in secret. */
export const keyFileVariable = "SLIPWAY_SIGNING_KEY_FILE";

/** A public key by which evidence is checked. */
export interface VerificationKey {
  /** SHA-256 of its SubjectPublicKeyInfo, in hexadecimal, which signatures name it by. */
  id: string;
  publicKey: KeyObject;
}

/** A key that signs evidence. */
export interface SigningKey extends VerificationKey {
  privateKey: KeyObject;
}

const der = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });

function verificationKey(publicKey: KeyObject): VerificationKey {
  return { id: createHash("sha256").update(der(publicKey)).digest("hex"), publicKey };
}

const isEd25519 = ({ asymmetricKeyType }: KeyObject): boolean => asymmetricKeyType === "ed25519";

/** How a public key is written in the file of trusted keys: its SubjectPublicKeyInfo in base64, on one line. */
export const publicText = ({ publicKey }: VerificationKey): string => der(publicKey).toString("base64");

/** Reads what `publicText` wrote; undefined when it is no Ed25519 key. */
export function parsePublicKey(text: string): VerificationKey | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, "base64"), type: "spki", format: "der" });
    return isEd25519(key) ? verificationKey(key) : undefined;
  } catch {
    return undefined;
  }
}

/** @param source names where it came from; the key itself is never in an error */
function parsePrivateKey(source: string, pem: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new EvidenceError(`${source} does not hold a private key as PEM`);
  }
  if (!isEd25519(key)) throw new EvidenceError(`${source} holds a key of another kind than Ed25519`);
  return { ...verificationKey(createPublicKey(key)), privateKey: key };
}

async function fromFile(file: string): Promise<SigningKey | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return undefined;
  if ((found.mode & 0o077) !== 0) {
    throw new EvidenceError(`${file} can be read by others than its owner; make it private: chmod 600 ${file}`);
  }
  return parsePrivateKey(file, await readFile(file, "utf8"));
}

/** Whoever names a file answers for who can read it; how it is given to a service in secret differs from place to place. */
async function fromNamedFile(file: string): Promise<SigningKey> {
  const pem = await readFile(file, "utf8").catch(() => {
    throw new EvidenceError(`${keyFileVariable} names ${file}, which cannot be read`);
  });
  return parsePrivateKey(file, pem);
}

/**
 * The key that signs: the one in SLIPWAY_SIGNING_KEY, else that in the file that SLIPWAY_SIGNING_KEY_FILE names, else that in
 * `file`.
 * @returns undefined where there is none of them
 * @throws EvidenceError when it is no Ed25519 key, a file that is not there, or `file` can be read by others
 */
export async function signingKey(file: string, own: NodeJS.ProcessEnv = process.env): Promise<SigningKey | undefined> {
  const { [keyVariable]: pem, [keyFileVariable]: named } = own;
  if (pem) return parsePrivateKey(keyVariable, pem);
  return named ? fromNamedFile(named) : fromFile(file);
}

/** Makes a key in a file that only its owner can read; one that is there already is kept. */
export async function createSigningKey(file: string): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  return (await fromFile(file)) as SigningKey;
}
