import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { descriptionSaid } from "../settings/delivered.ts";
import { StepFailure } from "./errors.ts";

/** What describes a delivery. */
export const fileName = "delivery.yaml";

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/**
 * Where a checkout describes its delivery: where the person says, else in delivery.yaml of the top folder, else in that
 * of the only folder right below that has one.
 * @returns the path relative to the checkout
 */
export async function describedAt(checkout: string, said: string | undefined = descriptionSaid()): Promise<string> {
  if (said !== undefined) return said;
  if (await isFile(join(checkout, fileName))) return fileName;
  const folders = (await readdir(checkout, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const candidates = folders.map(({ name }) => join(name, fileName)).sort();
  const found: string[] = [];
  for (const candidate of candidates) if (await isFile(join(checkout, candidate))) found.push(candidate);
  const [only, ...others] = found;
  if (only === undefined) {
    throw new StepFailure(`The commit has no ${fileName}, neither in its top folder nor in one right below it`);
  }
  if (others.length === 0) return only;
  throw new StepFailure(`The commit describes more than one delivery: ${found.join(", ")}`, {
    next: `npm run promote -- --description ${only}`,
  });
}
