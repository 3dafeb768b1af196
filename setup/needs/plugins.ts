import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { pulumiBin, pulumiHome } from "../../settings/project.ts";
import { type Build, goBuild, origin } from "../build.ts";
import { tried } from "../progress.ts";
import type { Report } from "../report.ts";
import { attempt, type Outcome } from "../run.ts";
import versions from "../versions.json" with { type: "json" };
import { goChanges } from "./go.ts";
import type { Change, Found, Need } from "./need.ts";

const downloadLimit = 180_000;

/** Pulumi's resource plugin for Docker. */
export const dockerPlugin = plugin("docker", versions.plugins.docker);

/** Pulumi's resource plugin that runs commands. */
export const commandPlugin = plugin("command", versions.plugins.command);

function plugin(name: string, version: string): Need {
  const folder = (): string => join(pulumiHome(), "plugins", `resource-${name}-v${version}`);
  const build = (): Build => ({
    module: name,
    package: ".",
    ldflags: "",
    output: join(folder(), `pulumi-resource-${name}`),
  });
  // Pulumi leaves this file beside a plugin whose download was interrupted, and takes the plugin for missing.
  const partial = (): string => `${folder()}.partial`;
  const isWhole = (): boolean => existsSync(build().output) && !existsSync(partial());

  async function find(): Promise<Found | undefined> {
    if (!isWhole() || (await origin(build())) === "outdated") return undefined;
    return { where: folder(), version };
  }

  async function missing(): Promise<readonly Change[]> {
    const what = `Pulumi plugin ${name} ${version}, downloaded, or built from the Go module proxy if it cannot be`;
    return [{ what, where: folder() }, ...(await goChanges())];
  }

  async function install(report: Report): Promise<void> {
    const isOurs = isWhole() && (await origin(build())) === "outdated";
    if (!isOurs && (await tried(report, `Downloading Pulumi plugin ${name} ${version}`, download))) return;
    await goBuild(report, build());
    await rm(partial(), { force: true });
  }

  function download(): Promise<Outcome> {
    const local = join(pulumiBin(), "pulumi");
    const args = ["plugin", "install", "resource", name, `v${version}`];
    const env = { PULUMI_HOME: pulumiHome(), PULUMI_SKIP_UPDATE_CHECK: "true" };
    return attempt(existsSync(local) ? local : "pulumi", args, { env, timeout: downloadLimit });
  }

  const byHand = `PULUMI_HOME=${pulumiHome()} pulumi plugin install resource ${name} v${version}`;
  return { name: `Pulumi plugin ${name}`, find, missing, install, byHand };
}
