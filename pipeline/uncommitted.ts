import type { Progress } from "./events.ts";
import { uncommitted } from "./git.ts";

/** Says so when the working tree differs from HEAD: what is not committed is not delivered. */
export async function noteUncommitted(progress: Progress): Promise<void> {
  const files = await uncommitted();
  if (files.length === 0) return;
  const what = files.length === 1 ? "1 file is" : `${files.length} files are`;
  progress({ type: "note", text: `${what} not committed in the working tree, and no part of the release.` });
}
