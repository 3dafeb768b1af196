import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";

import { type Delivered, deliver, ownStacksOf, sourceRoot } from "../settings/delivered.ts";
import { projectRoot } from "../settings/project.ts";
import { applicationOf } from "./application.ts";
import { checkOut } from "./checkout.ts";
import { fileName } from "./description.ts";
import { UsageError } from "./errors.ts";
import { assertRepository, git, gitOutput, resolveCommit } from "./git.ts";
import { plainLine } from "./plain-text.ts";
import { fetched, isRemote } from "./remote-source.ts";

/** What a person said of what is to be delivered. */
export interface SourceSaid {
  /** A folder of a git repository, or where git finds one elsewhere; the project's own without it. */
  source?: string | undefined;
  /** Where delivery.yaml is in the repository. */
  description?: string | undefined;
  /** What git knows the commit by whose delivery.yaml names the application. */
  commit: string;
}

const isBare = async (folder: string): Promise<boolean> =>
  (await git(folder, ["rev-parse", "--is-bare-repository"])).stdout.trim() === "true";

/** Where a source is on this machine; what is elsewhere is fetched. */
async function folderOf(source: string, signal: AbortSignal): Promise<string> {
  if (isRemote(source)) return fetched(source, signal);
  return realpath(resolve(source)).catch(() => {
    throw new UsageError(`There is no folder ${JSON.stringify(plainLine(source, 200))}`, {
      next: "npm run promote -- --source PATH, or an address such as ssh://git@host/path or https://host/path",
    });
  });
}

/** The repository of a folder, and where in it delivery.yaml is when the folder is not its top. */
async function placeOf(source: string, signal: AbortSignal): Promise<Omit<Delivered, "application">> {
  const folder = await folderOf(source, signal);
  await assertRepository(folder);
  if (await isBare(folder)) return { root: folder };
  const asked = async (what: string): Promise<string> =>
    (await gitOutput(folder, ["rev-parse", what])).replace(/\n$/, "");
  const root = await asked("--show-toplevel");
  const below = await asked("--show-prefix");
  const own = (await realpath(projectRoot)) === root;
  return { root: own ? projectRoot : root, ...(below === "" ? {} : { description: join(below, fileName) }) };
}

/** The application that a commit describes, where it is one with stacks of its own. */
async function ownApplication(commit: string, description: string | undefined): Promise<string | undefined> {
  const { name, ownStacks } = await applicationOf(commit);
  if (sourceRoot() === projectRoot && !ownStacks) return undefined;
  if (name !== undefined) return name;
  const where = description ?? fileName;
  throw new UsageError(`${sourceRoot()} has no ${where} that names an application, at ${commit.slice(0, 12)}`, {
    next: "write one (docs/applications.md), and commit it",
  });
}

/**
 * Has this process be about another application than the project's own.
 * @throws UsageError when the folder, the commit or its delivery.yaml is not there
 * @throws PrerequisiteError when a repository elsewhere cannot be fetched
 */
export async function useSource({ source, description, commit }: SourceSaid, signal: AbortSignal): Promise<void> {
  const place = source === undefined ? { root: projectRoot } : await placeOf(source, signal);
  const given = { ...place, ...(description === undefined ? {} : { description }) };
  deliver(given);
  const application = await ownApplication(await resolveCommit(commit), given.description);
  deliver({ ...given, ...(application === undefined ? {} : { application }) });
}

/** The folder with the files of an application of its own as they are now; undefined for the project's own. */
export async function ownFiles(signal: AbortSignal): Promise<string | undefined> {
  if (ownStacksOf() === undefined) return undefined;
  return (await isBare(sourceRoot())) ? checkOut(await resolveCommit("HEAD"), { signal }) : sourceRoot();
}
