import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { chosen, generated, ownBackendUrl, projectRoot, pulumiBin, pulumiHome } from "./project.ts";

/** Without what `npm run` puts before a person's own folders: some of it may be anybody's, and a shell would keep it. */
const withoutNpm = (path: string): string[] =>
  path.split(delimiter).filter((folder) => !/node_modules[\\/]\.bin$|node-gyp-bin$/.test(folder));

/** The backend and the passphrase that a person has set themselves, if they have. */
export const ownBackend = (own: NodeJS.ProcessEnv = process.env) => ({
  url: ownBackendUrl(own),
  passphrase: own.PULUMI_CONFIG_PASSPHRASE ?? chosen(own.PULUMI_CONFIG_PASSPHRASE_FILE),
});

/** Pulumi's home while it works on this project: what is in the person's, and no log of everything. */
export const quietHome = (folder: string = generated()): string => join(folder, "pulumi");

/** Where Pulumi's state is: where a person wants it, or in this clone. */
export const backendUrl = (own: NodeJS.ProcessEnv = process.env): string =>
  ownBackendUrl(own) ?? pathToFileURL(generated("state")).href;

/**
 * The address by which Pulumi opens a backend. Beside each file of a folder it would write another one, of attributes that it never reads, and
 * not at once: whoever looked in that moment was told "EOF", and for ever if the writer was killed in it.
 */
export function openedAs(url: string): string {
  if (!url.startsWith("file:") || !URL.canParse(url)) return url;
  const opened = new URL(url);
  opened.searchParams.set("metadata", "skip");
  return opened.href;
}

const isPostgres = (url: string | undefined): boolean => /^postgres(ql)?:/.test(url ?? "");

/**
 * The environment variables that Pulumi needs to work on this project, by hand or by the driver. What the person has
 * set already (a backend of their own, a passphrase of their own) wins.
 */
export function pulumiEnvironment(own: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const path = [...new Set([dirname(process.execPath), pulumiBin(), ...withoutNpm(own.PATH ?? "")])].join(delimiter);
  const { url, passphrase } = ownBackend(own);
  return {
    PATH: path,
    PULUMI_HOME: quietHome(),
    PULUMI_CREDENTIALS_PATH: own.PULUMI_CREDENTIALS_PATH ?? pulumiHome(),
    PULUMI_BACKEND_URL: openedAs(backendUrl(own)),
    ...(passphrase !== undefined ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: generated("passphrase") }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // It looks at ten stacks at once otherwise, each with two connections of a pool of two for each processor: on a small machine all
    // of them have one then, and wait for ever for the other.
    ...(isPostgres(url) ? { PULUMI_DIY_BACKEND_PARALLEL: own.PULUMI_DIY_BACKEND_PARALLEL ?? "1" } : {}),
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: join(projectRoot, "stacks", "run.ts"),
    // Compiled code of the SDK is kept between runs: a third of a no-change preview is spent compiling it.
    NODE_COMPILE_CACHE: generated("cache", "node"),
  };
}
