import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Loaded, type LoadOptions, loadStack } from "../../../../infra/stack-file/load.ts";
import { StackFileError } from "../../../../infra/stack-file/problems.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** Files of a folder of their own, by their names. */
export type Files = Record<string, string | Uint8Array>;

/** Writes files; returns their folder. */
export async function written(files: Files): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/** Loads the `.yaml` files among these, in their order. */
export async function loaded(files: Files, options: Partial<LoadOptions> = {}): Promise<Loaded & { folder: string }> {
  const folder = await written(files);
  const stacks = Object.keys(files).filter((name) => name.endsWith(".yaml"));
  const paths = stacks.map((name) => join(folder, name));
  return { ...loadStack(paths, { variables: {}, ...options }), folder };
}

/** What is wrong with files, as `line key: what`, without their folder. */
export async function problemsOf(files: Files, variables: Record<string, string> = {}): Promise<string[]> {
  const error = await loaded(files, { variables }).catch((reason: unknown) => reason);
  if (!(error instanceof StackFileError)) throw new Error(`Nothing is wrong with it: ${JSON.stringify(error)}`);
  return error.problems.map(({ line, at, what }) => `${line ?? "-"} ${at}: ${what}`);
}

/** The only service `web` of a file that holds these lines of it. */
export const web = (...lines: string[]): string =>
  ["services:", "  web:", ...lines.map((line) => `    ${line}`)].join("\n");
