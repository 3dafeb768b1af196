import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * A hash of everything that an image is built from: the names, modes and contents of its folder's files.
 * @param name a folder of images/
 */
export function imageHash(name: string): string {
  const folder = join(import.meta.dirname, name);
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).toSorted()) {
    const path = join(folder, file);
    hash
      .update(`${file}\0${statSync(path).mode & 0o777}\0`)
      .update(readFileSync(path))
      .update("\0");
  }
  return hash.digest("hex");
}
