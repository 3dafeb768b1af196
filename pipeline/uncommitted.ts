import type { Progress } from "./events.ts";
import { uncommitted } from "./git.ts";

/** What the registry and the platform's images are made from, which come from the working tree whatever is delivered. */
const ofPlatform = /^(Pulumi\.delivery\.yaml$|images\/)/;

const shown = (files: readonly string[]): string =>
  files.length > 5 ? `${files.slice(0, 5).join(", ")} and ${files.length - 5} more` : files.join(", ");

/** What to say of files that are not committed: some are not delivered, some are used all the same. */
export function uncommittedNotes(files: readonly string[]): string[] {
  const used = files.filter((file) => ofPlatform.test(file));
  const left = files.filter((file) => !ofPlatform.test(file));
  return [
    ...(left.length > 0 ? [`Not delivered, because not committed: ${shown(left)}`] : []),
    ...(used.length > 0
      ? [`Not committed, yet used: the platform is made from the working tree's ${shown(used)}`]
      : []),
  ];
}

/** Says so when the working tree differs from HEAD. */
export async function noteUncommitted(progress: Progress): Promise<void> {
  for (const text of uncommittedNotes(await uncommitted())) progress({ type: "note", text });
}
