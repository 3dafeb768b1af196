import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { keepingSettings, prepareBackend } from "../../../pipeline/backend.ts";
import { UsageError } from "../../../pipeline/errors.ts";
import { emptyRepository, type Repository } from "./repository.ts";

const attributes = "/Pulumi.*.yaml filter=slipway-salt\n";
const settings = "# why\nconfig:\n  slipway:port: 8070\n";
const salt = "encryptionsalt: v1:abc\n";
const files = ["Pulumi.staging.yaml", "Pulumi.delivery.yaml"];

let repository: Repository;
beforeEach(async () => {
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", undefined);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE_FILE", undefined);
  vi.stubEnv("PULUMI_BACKEND_URL", undefined);
  repository = await emptyRepository();
  const all = Object.fromEntries(files.map((file) => [file, settings]));
  await repository.commit({ ".gitattributes": attributes, ".gitignore": ".slipway/\n", ...all });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await repository.remove();
});

const path = (file: string): string => join(repository.folder, file);
const read = (file: string): Promise<string> => readFile(path(file), "utf8");
const prepare = (): Promise<void> => prepareBackend(repository.folder, path(".slipway"));
const changed = async (): Promise<string> => (await repository.git("status", "--porcelain")).trim();

/** What Pulumi does to a stack's file: all of it anew, numbers in quotes, comments gone. */
const pulumiWrites = (file: string): Promise<void> => writeFile(path(file), `config:\n  slipway:port: "8070"\n${salt}`);

test("a passphrase is made once, random, and readable by its owner only", async () => {
  await prepare();
  const passphrase = await read(".slipway/passphrase");
  expect(passphrase.length).toBeGreaterThan(40);
  expect((await stat(path(".slipway/passphrase"))).mode & 0o777).toBe(0o600);
  expect((await stat(path(".slipway/state"))).isDirectory()).toBe(true);
  await prepare();
  expect(await read(".slipway/passphrase")).toBe(passphrase);
});

test("no passphrase is made for somebody who has their own", async () => {
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "mine");
  await prepare();
  await expect(read(".slipway/passphrase")).rejects.toThrow();
});

test.each(files)("the tree stays clean when Pulumi writes the salt into %s", async (file) => {
  await prepare();
  await keepingSettings(file.split(".")[1] ?? "", () => pulumiWrites(file), { root: repository.folder });
  expect(await read(file)).toBe(settings + salt);
  expect(await changed()).toBe("");
});

test("the tree stays clean when the salt was there before the driver", async () => {
  await writeFile(path("Pulumi.staging.yaml"), settings + salt);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "mine");
  await prepare();
  expect(await changed()).toBe("");
});

test("what a person edits in a stack's file still shows, and is not staged", async () => {
  await prepare();
  await writeFile(path("Pulumi.staging.yaml"), settings.replace("8070", "8071") + salt);
  await prepare();
  expect(await changed()).toBe("M Pulumi.staging.yaml");
  expect(await repository.git("diff", "--cached")).toBe("");
});

test("a commit of a stack's file leaves the salt out", async () => {
  await prepare();
  await writeFile(path("Pulumi.staging.yaml"), settings.replace("8070", "8071") + salt);
  await repository.git("commit", "--quiet", "--all", "--message=other port");
  expect(await repository.git("show", "HEAD:Pulumi.staging.yaml")).toBe(settings.replace("8070", "8071"));
});

test("a commit of a stack's file with a secret in it has the salt, without which nobody could read it", async () => {
  await prepare();
  const secret = `${settings}  slipway:certificate:\n    secure: v1:x\n${salt}`;
  await writeFile(path("Pulumi.staging.yaml"), secret);
  await repository.git("commit", "--quiet", "--all", "--message=a certificate");
  expect(await repository.git("show", "HEAD:Pulumi.staging.yaml")).toBe(secret);
});

test("a salt of deleted state goes when a new passphrase is made", async () => {
  await writeFile(path("Pulumi.staging.yaml"), settings + salt);
  await prepare();
  expect(await read("Pulumi.staging.yaml")).toBe(settings);
});

test("a salt that is committed asks for its passphrase", async () => {
  await repository.commit({ "Pulumi.staging.yaml": settings + salt });
  await expect(prepare()).rejects.toThrow(UsageError);
  await expect(read(".slipway/passphrase")).rejects.toThrow();
});

test("settings are put back also when Pulumi fails", async () => {
  const failing = keepingSettings(
    "staging",
    async () => {
      await pulumiWrites("Pulumi.staging.yaml");
      throw new Error("failed");
    },
    { root: repository.folder },
  );
  await expect(failing).rejects.toThrow("failed");
  expect(await read("Pulumi.staging.yaml")).toBe(settings + salt);
});

test("what runs in a checkout has the salt of the project's file", async () => {
  const checkout = path("checkout");
  await mkdir(checkout);
  const used = join(checkout, "Pulumi.staging.yaml");
  await writeFile(used, settings);
  await writeFile(path("Pulumi.staging.yaml"), settings + salt);
  await keepingSettings("staging", async () => expect(await readFile(used, "utf8")).toBe(settings + salt), {
    root: repository.folder,
    folder: checkout,
  });
});

test("a salt that is made in a checkout becomes the project's", async () => {
  await prepare();
  const checkout = path(".slipway/checkout");
  await mkdir(checkout);
  const used = join(checkout, "Pulumi.staging.yaml");
  await writeFile(used, settings);
  await keepingSettings("staging", () => writeFile(used, salt), { root: repository.folder, folder: checkout });
  expect(await readFile(used, "utf8")).toBe(settings + salt);
  expect(await read("Pulumi.staging.yaml")).toBe(settings + salt);
  expect(await changed()).toBe("");
});
