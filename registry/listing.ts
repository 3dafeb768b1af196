import { z } from "zod";

import { addressOf } from "./address.ts";
import { type Registry, RegistryError } from "./client.ts";

const catalog = z.object({ repositories: z.array(z.string()) });
const tagList = z.object({ tags: z.array(z.string()).nullable() });

/** Where a list goes on, as its `Link` says; undefined at its end. */
function next(response: Response): string | undefined {
  const target = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
  if (target === undefined) return undefined;
  const { pathname, search } = new URL(target, response.url);
  return pathname + search;
}

/** All pages of a list; empty when there is none. */
async function pages(registry: Registry, path: string, what: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let at: string | undefined = path; at !== undefined; ) {
    const response: Response = await registry.ask(at);
    if (response.status === 404 && !path.startsWith("_")) return all;
    if (!response.ok) {
      const { status } = response;
      throw new RegistryError(`The registry at ${registry.host} does not list ${what}: it answered ${status}`, {
        status,
      });
    }
    all.push(await response.json());
    at = next(response);
  }
  return all;
}

/**
 * The names of all repositories where it has ours.
 * @throws RegistryError when the registry does not tell
 */
export async function repositories(registry: Registry): Promise<string[]> {
  const found = await pages(registry, "_catalog?n=1000", "its repositories");
  const all = found.flatMap((page) => catalog.parse(page).repositories);
  const { prefix } = addressOf(registry.host);
  if (prefix === "") return all;
  return all.filter((name) => name.startsWith(`${prefix}/`)).map((name) => name.slice(prefix.length + 1));
}

/** All tags of a repository. */
export async function tags(registry: Registry, repository: string): Promise<string[]> {
  const found = await pages(registry, `${repository}/tags/list?n=1000`, `the tags of ${repository}`);
  return found.flatMap((page) => tagList.parse(page).tags ?? []);
}
