import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { readDelivery } from "../../settings/delivery.ts";
import { UsageError } from "../errors.ts";
import type { DeliveryPlan } from "./plan.ts";
import { filesOf } from "./texts.ts";

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Writes what a plan comes to into a folder, and nothing where there is something already.
 * @returns the files, by their paths in the folder
 * @throws UsageError naming the files that are there
 * @throws SettingsError when the plan's delivery.yaml would be refused
 */
export async function writePlan(folder: string, plan: DeliveryPlan): Promise<string[]> {
  const files = filesOf(plan);
  const names = Object.keys(files);
  const present: string[] = [];
  for (const name of names) if (await isThere(join(folder, name))) present.push(name);
  if (present.length > 0) {
    throw new UsageError(`${folder} has ${present.join(", ")} already, which would be written anew`, {
      next: "remove or rename what is there, then the same command again",
    });
  }
  const made: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const first = await mkdir(dirname(join(folder, name)), { recursive: true });
    if (first !== undefined) made.push(first);
    await writeFile(join(folder, name), text, { flag: "wx" });
  }
  await readDelivery(join(folder, "delivery.yaml"), folder).catch(async (error: unknown) => {
    for (const name of names) await rm(join(folder, name));
    for (const one of made) await rm(one, { recursive: true, force: true });
    throw error;
  });
  return names;
}
