import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";

import { PrerequisiteError } from "../../../pipeline/errors.ts";
import { assertEngine, portIsFree } from "../../../pipeline/preflight.ts";

test("a port that somebody listens on is not free", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await portIsFree(port)).toBe(false);
  server.close();
  await once(server, "close");
  expect(await portIsFree(port)).toBe(true);
});

test("an engine that does not answer is a missing prerequisite, with what to type", async () => {
  const failure = assertEngine("unix:///nowhere/docker.sock");
  await expect(failure).rejects.toThrow(PrerequisiteError);
  await expect(failure).rejects.toThrow("unix:///nowhere/docker.sock does not answer");
});
