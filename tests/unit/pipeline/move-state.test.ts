import { expect, test } from "vitest";

import { assertBackend } from "../../../pipeline/move-state.ts";

test.each([
  "s3://bucket?region=x",
  "postgres://slipway@db.example.org/pulumi",
  "file:///folder",
  "gs://b",
  "azblob://c",
])("%s may keep the state", (url) => {
  expect(() => assertBackend(url)).not.toThrow();
});

test.each(["https://app.pulumi.com", "bucket", "", "mysql://h/d"])("%j may not", (url) => {
  expect(() => assertBackend(url)).toThrow(/is no backend that keeps Pulumi's state/);
});

test("an address with a password is refused without it", () => {
  const refusal = () => assertBackend("postgres://slipway:secret-word@db.example.org/pulumi");
  expect(refusal).toThrow("The address of the backend at db.example.org holds a password");
  expect(refusal).not.toThrow(/secret-word/);
});
