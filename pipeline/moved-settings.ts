import { existsSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";

import { namedAfter, projectName, projectRoot } from "../settings/project.ts";

/** Changes a YAML file of the project and leaves its comments where they are; returns its name if anything changed. */
async function edited(file: string, edit: (document: Document) => void): Promise<string[]> {
  const path = join(projectRoot, file);
  const text = await readFile(path, "utf8");
  const document = parseDocument(text);
  edit(document);
  const now = document.toString({ lineWidth: 0 });
  if (now === text) return [];
  await writeFile(path, now);
  return [file];
}

/** How a stack's secrets are encrypted. */
const ofSecrets = ["secretsprovider", "encryptedkey", "encryptionsalt"];

const isSecret = (value: unknown): boolean => JSON.stringify(value)?.includes('"secure":') ?? false;

/**
 * Takes over how secrets are encrypted now, and the encrypted values themselves, from the stacks' files in a folder.
 * @returns the files that changed
 */
export async function takeSecrets(stacks: readonly string[], folder: string): Promise<string[]> {
  const changed: string[] = [];
  for (const stack of stacks) {
    const file = `Pulumi.${stack}.yaml`;
    const text = await readFile(join(folder, file), "utf8").catch(() => "");
    const now = (parseDocument(text).toJS() ?? {}) as Record<string, unknown>;
    const config = Object.entries((now.config ?? {}) as Record<string, unknown>).filter(([, value]) => isSecret(value));
    const edit = (document: Document): void => {
      for (const key of ofSecrets) {
        if (now[key] === undefined) document.delete(key);
        else if (document.get(key) !== now[key]) document.set(key, now[key]);
      }
      for (const [key, value] of config) document.setIn(["config", key], value);
    };
    // An application's stack has no settings of its own until it is said in them what encrypts its secrets.
    const absent = now.secretsprovider !== undefined && !existsSync(join(projectRoot, file));
    if (absent) await copyFile(join(folder, file), join(projectRoot, file));
    if (absent) changed.push(file);
    else if (existsSync(join(projectRoot, file))) changed.push(...(await edited(file, edit)));
  }
  return changed;
}

/**
 * Has the project's files name a backend, and what the names of what there is were made of. That comes first: it changes nothing by itself, and
 * without it what there is would be made anew by other names.
 * @returns the files that changed
 */
export async function noteBackend(url: string): Promise<string[]> {
  const delivery = await edited("Pulumi.delivery.yaml", (document) =>
    document.setIn(["config", `${projectName}:origin`], namedAfter),
  );
  const project = await edited("Pulumi.yaml", (document) => document.setIn(["backend", "url"], url));
  return [...delivery, ...project];
}
