import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { engineAddress, textIn } from "../../../setup/docker-api.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const nothing = { DOCKER_CONFIG: "/does/not/exist" };

test.for([
  ["nothing is set", nothing, "unix:///var/run/docker.sock"],
  ["DOCKER_HOST", { ...nothing, DOCKER_HOST: "ssh://there", DOCKER_CONTEXT: "other" }, "ssh://there"],
  ["DOCKER_CONTEXT", { ...nothing, DOCKER_CONTEXT: "other" }, "context other"],
  ["the default context", { ...nothing, DOCKER_CONTEXT: "default" }, "unix:///var/run/docker.sock"],
] as const)("the engine's address with %s", ([, env, address]) => {
  expect(engineAddress(env)).toBe(address);
});

test("the engine's address with a context that was chosen for good", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "config.json"), JSON.stringify({ currentContext: "chosen" }));
  expect(engineAddress({ DOCKER_CONFIG: folder })).toBe("context chosen");
});

test.for([
  [{ Version: "20.10" }, "20.10"],
  [{ Version: 20 }, undefined],
  [{}, undefined],
  [null, undefined],
  ["text", undefined],
] as const)("the version in %j is %s", ([answer, version]) => {
  expect(textIn(answer, "Version")).toBe(version);
});
