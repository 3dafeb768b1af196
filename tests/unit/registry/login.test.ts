import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { dockerConfigFile, loginFor } from "../../../registry/login.ts";

const host = "registry.example.org:5000";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-login-"));
  vi.stubEnv("DOCKER_CONFIG", folder);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const config = (content: unknown): Promise<void> => writeFile(join(folder, "config.json"), JSON.stringify(content));
const auth = Buffer.from("ann:a:b").toString("base64");

/** A credential helper that notes how it was called, and answers with `says`. */
async function helper(name: string, says: string, exit = 0): Promise<void> {
  const file = join(folder, `docker-credential-${name}`);
  const script = `#!/bin/bash\necho "$* $(cat)" >>"${folder}/asked"\ncat <<'END'\n${says}\nEND\nexit ${exit}\n`;
  await writeFile(file, script);
  await chmod(file, 0o755);
}

test("without docker's file there is no login", async () => {
  expect(await loginFor(host)).toBeUndefined();
  expect(dockerConfigFile({})).toMatch(/\/\.docker\/config\.json$/);
});

test.each([host, `https://${host}`, `https://${host}/v1/`])("a login that is noted as %s is found", async (key) => {
  await config({ auths: { "other.example.org": { auth: "eDp5" }, [key]: { auth } } });
  expect(await loginFor(host)).toEqual({ username: "ann", password: "a:b" });
});

test("a token of an earlier login is one, too", async () => {
  await config({ auths: { [host]: { auth: Buffer.from("ann:").toString("base64"), identitytoken: "t" } } });
  expect(await loginFor(host)).toEqual({ username: "ann", identityToken: "t" });
});

test("a helper is asked by standard input, the registry's own before the store of all", async () => {
  await config({ credsStore: "all", credHelpers: { [host]: "own" }, auths: { [host]: {} } });
  await helper("own", '{"ServerURL":"x","Username":"ann","Secret":"s"}');
  await helper("all", '{"ServerURL":"x","Username":"<token>","Secret":"t"}');
  expect(await loginFor(host)).toEqual({ username: "ann", password: "s" });
  expect(await loginFor("another.example.org")).toEqual({ username: "<token>", identityToken: "t" });
});

test("a helper that has no login is no error, and every other failure names it and the registry, and not what it printed", async () => {
  await config({ credsStore: "all" });
  await helper("all", "credentials not found in native keychain", 1);
  expect(await loginFor(host)).toBeUndefined();
  await helper("all", "secret-word", 2);
  const failure = await loginFor(host).catch((error: Error) => error);
  expect(String(failure)).toMatch(
    /docker-credential-all, which .* names for registry\.example\.org:5000, ended with 2/,
  );
  expect(String(failure)).not.toContain("secret-word");
  await helper("all", "secret-word");
  await expect(loginFor(host)).rejects.toThrow("answered with something else than a login");
  await config({ credsStore: "none" });
  await expect(loginFor(host)).rejects.toThrow("docker-credential-none");
  await config({ credsStore: "../x" });
  await expect(loginFor(host)).rejects.toThrow("is not the name of a program");
});

test("a file that is none of docker's is refused without its content", async () => {
  await writeFile(join(folder, "config.json"), '{"auths": "secret-word"}');
  const failure = await loginFor(host).catch((error: Error) => error);
  expect(String(failure)).toMatch(/Logins cannot be read from .*config\.json: it is not what docker login writes/);
  expect(String(failure)).not.toContain("secret-word");
});
