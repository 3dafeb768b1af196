import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import manifest from "../package.json" with { type: "json" };
import { databaseFrom, settingsFrom } from "../src/settings.ts";

test("the version is the package's unless the release says another", () => {
  expect(settingsFrom({}).version).toBe(manifest.version);
  expect(settingsFrom({ RELEASE_VERSION: "2.0.0" }).version).toBe("2.0.0");
});

test.each(["abc", "-1", "3.5", "1e3"])("PORT %s is refused with the value", (port) => {
  expect(() => settingsFrom({ PORT: port })).toThrow(`PORT is "${port}"`);
});

test("the password comes from its file, without the line's end", () => {
  const folder = mkdtempSync(join(tmpdir(), "secret-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "password");
  writeFileSync(file, "correct horse\n");
  expect(databaseFrom({ DATABASE_PASSWORD_FILE: file })).toEqual({
    host: "database",
    port: 5432,
    user: "demo",
    database: "demo",
    password: "correct horse",
  });
});
