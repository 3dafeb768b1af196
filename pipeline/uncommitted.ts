import { sourceRoot } from "../settings/delivered.ts";
import { projectRoot } from "../settings/project.ts";
import type { Progress } from "./events.ts";
import { git, uncommitted } from "./git.ts";

/** What the registry and the platform's images are made from, which come from the working tree whatever is delivered. */
const ofPlatform = /^(Pulumi\.delivery\.yaml$|images\/)/;

const shown = (files: readonly string[]): string =>
  files.length > 5 ? `${files.slice(0, 5).join(", ")} and ${files.length - 5} more` : files.join(", ");

/**
 * What to say of files that are not committed: some are not delivered, some are used all the same.
 * @param ofProject whether they are the project's own, whose files the platform is made from
 */
export function uncommittedNotes(files: readonly string[], ofProject = true): string[] {
  const used = files.filter((file) => ofProject && ofPlatform.test(file));
  const left = files.filter((file) => !used.includes(file));
  return [
    ...(left.length > 0 ? [`Not delivered, because not committed: ${shown(left)}`] : []),
    ...(used.length > 0
      ? [`Not committed, yet used: the platform is made from the working tree's ${shown(used)}`]
      : []),
  ];
}

/** Says so when the working tree differs from HEAD. */
export async function noteUncommitted(progress: Progress): Promise<void> {
  const own = sourceRoot() === projectRoot;
  // A bare repository has no working tree.
  if (!own && (await git(sourceRoot(), ["rev-parse", "--is-inside-work-tree"])).stdout.trim() !== "true") return;
  for (const text of uncommittedNotes(await uncommitted(), own)) progress({ type: "note", text });
}
