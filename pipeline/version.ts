import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

import { short } from "../settings/release.ts";

const schema = z.object({ version: z.string().min(1).max(100) });

/** What people call the release: the version in package.json beside delivery.yaml, else the short commit. */
export async function versionOf(folder: string, commit: string): Promise<string> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, "package.json"), "utf8"))).version;
  } catch {
    return short(commit);
  }
}
