import { delimiter, dirname } from "node:path";
import { pathToFileURL } from "node:url";

import { generated, pulumiBin } from "./project.ts";

/**
 * The environment variables that Pulumi needs to work on this project, by hand or by the driver. What the person has
 * set already (a backend of their own, a passphrase of their own) wins.
 */
export function pulumiEnvironment(own: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const path = [dirname(process.execPath), pulumiBin(), own.PATH ?? ""].join(delimiter);
  const passphraseIsTheirs =
    own.PULUMI_CONFIG_PASSPHRASE !== undefined || own.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    PATH: path,
    PULUMI_BACKEND_URL: own.PULUMI_BACKEND_URL ?? pathToFileURL(generated("state")).href,
    ...(passphraseIsTheirs ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: generated("passphrase") }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Compiled code of the SDK is kept between runs: a third of a no-change preview is spent compiling it.
    NODE_COMPILE_CACHE: generated("cache", "node"),
  };
}
