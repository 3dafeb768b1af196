import { expect, test } from "vitest";

import { applicationEnvironment } from "../../../pipeline/unit-tests.ts";

test.each([
  "SLIPWAY_SIGNING_KEY",
  "SLIPWAY_SIGNING_KEY_FILE",
  "SLIPWAY_STATUS_TOKEN",
  "SLIPWAY_STATUS_URL",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_ACCESS_TOKEN",
  "CREDENTIALS_DIRECTORY",
])("%s is kept from the code under test", (name) => {
  const environment = applicationEnvironment({ [name]: "secret", PATH: "/bin" });
  expect(name in environment).toBe(true);
  expect(environment[name]).toBeUndefined();
});

test("what is the application's own reaches its tests", () => {
  expect(applicationEnvironment({ DATABASE_URL: "x" })).not.toHaveProperty("DATABASE_URL");
});
