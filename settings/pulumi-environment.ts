import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { generated, projectRoot, pulumiBin, pulumiHome } from "./project.ts";

/** Without what `npm run` puts before a person's own folders: some of it may be anybody's, and a shell would keep it. */
const withoutNpm = (path: string): string[] =>
  path.split(delimiter).filter((folder) => !/node_modules[\\/]\.bin$|node-gyp-bin$/.test(folder));

/**
 * The environment variables that Pulumi needs to work on this project, by hand or by the driver. What the person has
 * set already (a backend of their own, a passphrase of their own) wins.
 */
export function pulumiEnvironment(own: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const path = [...new Set([dirname(process.execPath), pulumiBin(), ...withoutNpm(own.PATH ?? "")])].join(delimiter);
  const passphraseIsTheirs =
    own.PULUMI_CONFIG_PASSPHRASE !== undefined || own.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    PATH: path,
    // Said, since Pulumi asks the system for the person's home where HOME says another.
    PULUMI_HOME: pulumiHome(),
    PULUMI_BACKEND_URL: own.PULUMI_BACKEND_URL ?? pathToFileURL(generated("state")).href,
    ...(passphraseIsTheirs ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: generated("passphrase") }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: join(projectRoot, "stacks", "run.ts"),
    // Compiled code of the SDK is kept between runs: a third of a no-change preview is spent compiling it.
    NODE_COMPILE_CACHE: generated("cache", "node"),
  };
}
