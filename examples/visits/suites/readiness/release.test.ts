import { expect, test } from "vitest";

import { facts } from "../facts.ts";

test.each(facts.addresses)("%s serves the release", async (address) => {
  const response = await fetch(`${address}/health`);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-release")).toBe(facts.release.commit);
});
