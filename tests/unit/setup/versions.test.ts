import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import packages from "../../../package.json" with { type: "json" };
import { projectRoot } from "../../../settings/project.ts";
import versions from "../../../setup/versions.json" with { type: "json" };

const plugins = join(projectRoot, "setup", "plugins");

test("the SDKs and the programs that they speak to are pinned to the same versions", () => {
  expect(packages.dependencies["@pulumi/pulumi"]).toBe(versions.pulumi);
  expect(packages.dependencies["@pulumi/docker"]).toBe(versions.plugins.docker);
  expect(packages.dependencies["@pulumi/command"]).toBe(versions.plugins.command);
});

test.for([
  ["pulumi", `github.com/pulumi/pulumi/pkg/v3 v${versions.pulumi}`],
  ["language-nodejs", `github.com/pulumi/pulumi/sdk/v3 v${versions.languageHostSdk}`],
] as const)("%s is built from the pinned version", async ([module, line]) => {
  expect(await readFile(join(plugins, module, "go.mod"), "utf8")).toContain(line);
});

test.for(["docker", "command"] as const)("the %s plugin reports the pinned version", async (name) => {
  const files = await Promise.all(
    ["main.go", "provider.go"].map((file) => readFile(join(plugins, name, file), "utf8").catch(() => "")),
  );
  expect(files.join()).toContain(`const version = "${versions.plugins[name]}"`);
});
