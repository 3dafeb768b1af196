import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const types = {
  "dashboard.css": "text/css; charset=utf-8",
  "dashboard.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;

type Name = keyof typeof types;

const names = Object.keys(types) as Name[];
const contents = new Map(names.map((name) => [name, readFileSync(join(import.meta.dirname, "assets", name), "utf8")]));

const hash = createHash("sha256");
for (const name of names) hash.update(contents.get(name) ?? "");
const version = hash.digest("hex").slice(0, 12);

/** Where a file of the pages is; another one once its content has changed, so that browsers may keep it. */
export const assetPath = (name: Name): string => `/assets/${version}/${name}`;

/** A file of the pages; undefined when there is none of that name. */
export function asset(name: string): { body: string; type: string } | undefined {
  const known = names.find((one) => one === name);
  return known && { body: contents.get(known) ?? "", type: types[known] };
}
