import { existsSync } from "node:fs";
import { join } from "node:path";

import { pulumiHome } from "../../settings/project.ts";
import versions from "../../setup/versions.json" with { type: "json" };

/** The docker plugin that speaks to Swarm. */
export interface DockerPlugin {
  version: string;
  /** Whether set-up built it, since the official one could not be reached. That one knows a little less. */
  builtHere: boolean;
}

/** The docker plugin of this machine. */
export function dockerPlugin(): DockerPlugin {
  const version = versions.plugins.docker;
  const mark = join(pulumiHome(), "plugins", `resource-docker-v${version}`, ".pulumi-resource-docker.built-from");
  return { version, builtHere: existsSync(mark) };
}
