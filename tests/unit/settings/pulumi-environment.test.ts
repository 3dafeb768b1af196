import { existsSync } from "node:fs";
import { expect, test } from "vitest";

import { backendIdentity, generated } from "../../../settings/project.ts";
import { backendUrl, openedAs, pulumiEnvironment } from "../../../settings/pulumi-environment.ts";

test("state and passphrase are in the generated folder by default", () => {
  const variables = pulumiEnvironment({ PATH: "/bin" });
  expect(variables.PULUMI_BACKEND_URL).toBe(`file://${generated("state")}?metadata=skip`);
  expect(variables.PULUMI_CONFIG_PASSPHRASE_FILE).toBe(generated("passphrase"));
});

test.each(["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])("an own %s wins", (name) => {
  expect(pulumiEnvironment({ [name]: "mine" })).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
});

test("an own backend wins", () => {
  expect(pulumiEnvironment({ PULUMI_BACKEND_URL: "s3://x" }).PULUMI_BACKEND_URL).toBe("s3://x");
});

test("what npm run adds to the path stays out of a person's shell", () => {
  const { PATH } = pulumiEnvironment({ PATH: "/x/node_modules/.bin:/y/node-gyp-bin:/usr/bin" });
  expect(PATH).not.toMatch(/node_modules\/\.bin|node-gyp-bin/);
  expect(PATH).toMatch(/:\/usr\/bin$/);
});

test("programs start where the SDK loads no more than they need", () => {
  expect(existsSync(pulumiEnvironment({}).PULUMI_LANGUAGE_NODEJS_RUN_PATH ?? "")).toBe(true);
});

test("what another clone's variables say in the same shell is not a person's own", () => {
  const variables = pulumiEnvironment({
    PULUMI_BACKEND_URL: "file:///elsewhere/.slipway/state",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/elsewhere/.slipway/passphrase",
  });
  expect(variables.PULUMI_BACKEND_URL).toBe(`file://${generated("state")}?metadata=skip`);
  expect(variables.PULUMI_CONFIG_PASSPHRASE_FILE).toBe(generated("passphrase"));
});

test.each([
  ["file:///somewhere", "file:///somewhere?metadata=skip"],
  ["file:///somewhere?no_tmp_dir=false", "file:///somewhere?no_tmp_dir=false&metadata=skip"],
  ["file:///some%20where?metadata=skip", "file:///some%20where?metadata=skip"],
  ["file://~/state", "file://~/state?metadata=skip"],
  ["s3://bucket?region=x", "s3://bucket?region=x"],
])("Pulumi opens %s without files of attributes that are read while they are written: %s", (url, opened) => {
  expect(openedAs(url)).toBe(opened);
});

test("what promote env has set in a shell is not a person's own", () => {
  const { PULUMI_BACKEND_URL } = pulumiEnvironment({});
  expect(backendUrl({ PULUMI_BACKEND_URL })).toBe(`file://${generated("state")}`);
});

test.each([
  ["s3://bucket", "s3://bucket"],
  ["file:///somewhere", "file:///somewhere"],
  ["postgres://ann:one@db.example.org:5432/pulumi?sslmode=require", "postgres://db.example.org:5432/pulumi"],
  ["postgres://bob@db.example.org:5432/pulumi?table=ours", "postgres://db.example.org:5432/pulumi?table=ours"],
  ["s3://bucket?region=x&endpoint=https://s3.example.org", "s3://bucket?endpoint=https://s3.example.org"],
])("%s is known by where it is, and not by who logs in", (url, identity) => {
  expect(backendIdentity(url)).toBe(identity);
});

test("PostgreSQL is asked about one stack at a time, unless the person says otherwise, and nothing else is", () => {
  const parallel = (own: NodeJS.ProcessEnv) => pulumiEnvironment(own).PULUMI_DIY_BACKEND_PARALLEL;
  const url = { PULUMI_BACKEND_URL: "postgres://pulumi@db/state" };
  expect(parallel(url)).toBe("1");
  expect(parallel({ ...url, PULUMI_DIY_BACKEND_PARALLEL: "20" })).toBe("20");
  expect(parallel({ PULUMI_BACKEND_URL: "file:///state" })).toBeUndefined();
});
