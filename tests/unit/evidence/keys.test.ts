import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import {
  createSigningKey,
  keyFileVariable,
  keyVariable,
  parsePublicKey,
  publicText,
  signingKey,
} from "../../../evidence/keys.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-keys-"));
  file = join(folder, "keys", "signing.pem");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a key is made once, in a file that only its owner can read", async () => {
  const made = await createSigningKey(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await createSigningKey(file)).id).toBe(made.id);
  expect((await signingKey(file, {}))?.id).toBe(made.id);
});

test("without file and variable there is no key", async () => {
  expect(await signingKey(file, {})).toBeUndefined();
});

test("the variable wins over the file", async () => {
  await createSigningKey(file);
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const key = await signingKey(file, { [keyVariable]: pem });
  expect(key?.privateKey.export({ type: "pkcs8", format: "pem" })).toBe(pem);
});

test("a file that a variable names is read, however it came to be readable", async () => {
  const named = `${file}.named`;
  const { id } = await createSigningKey(named);
  await chmod(named, 0o440);
  await createSigningKey(file);
  expect((await signingKey(file, { [keyFileVariable]: named }))?.id).toBe(id);
  await expect(signingKey(file, { [keyFileVariable]: "/nowhere" })).rejects.toThrow(
    "names /nowhere, which cannot be read",
  );
});

test("a key that others can read is refused, with the command that mends it", async () => {
  await createSigningKey(file);
  await chmod(file, 0o640);
  await expect(signingKey(file, {})).rejects.toThrow(`chmod 600 ${file}`);
});

test("what is no Ed25519 key is refused, and never shown", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  await expect(signingKey(file, { [keyVariable]: rsa })).rejects.toThrow(/another kind than Ed25519$/);
  await createSigningKey(file);
  await writeFile(file, "BEGIN secret");
  await expect(signingKey(file, {})).rejects.toThrow(/^(?!.*secret).*does not hold a private key/);
});

test("a public key is written on one line and read again", async () => {
  const key = await createSigningKey(file);
  const text = publicText(key);
  expect(text).not.toContain("\n");
  expect(parsePublicKey(text)?.id).toBe(key.id);
  expect(parsePublicKey(`${text.slice(0, -4)}AAAA`)?.id).not.toBe(key.id);
  expect(parsePublicKey("no key")).toBeUndefined();
  expect(await readFile(file, "utf8")).not.toContain(text);
});
