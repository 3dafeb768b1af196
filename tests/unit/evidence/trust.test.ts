import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { createSigningKey, publicText } from "../../../evidence/keys.ts";
import { distrust, readTrust, type TrustedKey } from "../../../evidence/trust.ts";

let folder: string;
let file: string;
let key: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-trust-"));
  file = join(folder, "trusted-keys.yaml");
  key = publicText(await createSigningKey(join(folder, "key")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const written = async (text: string): Promise<TrustedKey[]> => {
  await writeFile(file, text);
  return readTrust(file);
};

test("without the file no key is trusted", async () => {
  expect(await readTrust(file)).toEqual([]);
});

test("a key counts for all unless the file says what for", async () => {
  const [all, some] = await written(
    `keys:\n  - { name: ci, key: ${key} }\n  - { name: Ann, key: ${key}, for: [approval/production] }\n`,
  );
  const now = new Date();
  expect(distrust(all as TrustedKey, "build", now)).toBeUndefined();
  expect(distrust(some as TrustedKey, "approval/production", now)).toBeUndefined();
  expect(distrust(some as TrustedKey, "build", now)).toBe("the key of Ann does not count for build");
});

test("a key that was replaced counts for what it signed before", async () => {
  const [old] = await written(`keys:\n  - { name: ci, key: ${key}, until: "2026-06-01T00:00:00Z" }\n`);
  expect(distrust(old as TrustedKey, "build", new Date("2026-05-31T23:00:00Z"))).toBeUndefined();
  expect(distrust(old as TrustedKey, "build", new Date("2026-06-01T01:00:00Z"))).toMatch(/counts until 2026-06-01/);
});

test("a person's addresses are those that git knows, which need not be reachable ones", async () => {
  const [ann] = await written(`keys:\n  - { name: Ann, emails: [ann@example.org, root@Desk], key: ${key} }\n`);
  expect(ann?.emails).toEqual(["ann@example.org", "root@Desk"]);
  await expect(written(`keys:\n  - { name: Ann, emails: [Ann], key: ${key} }\n`)).rejects.toThrow(
    /emails\.0.*as git knows/,
  );
});

test("every entry that is wrong is named at once", async () => {
  const text = `keys:\n  - { name: ci, key: nonsense }\n  - { name: Ann, key: alsoNonsense }\n`;
  await expect(written(text)).rejects.toThrow(/keys\.0\.key[\s\S]*keys\.1\.key/);
  await expect(written(`keys:\n  - { name: ci, key: ${key}, for: [everything] }\n`)).rejects.toThrow(/for\.0.*one of/);
  await expect(written("keys: [\n")).rejects.toThrow(/syntax/);
});
