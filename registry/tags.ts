import { z } from "zod";

import { type Registry, RegistryError } from "./client.ts";

const schema = z.object({ tags: z.array(z.string()).nullish() });

/** How many pages of a list are followed at most; a registry gives hundreds of tags and more on each. */
const pages = 1_000;

/** Where the next page is, in the same registry, as the Link header says: `</v2/demo/app/tags/list?last=b&n=100>; rel="next"`. */
function nextIn(link: string | null, { url }: Response): string | undefined {
  const [, next] = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(link ?? "") ?? [];
  if (next === undefined || !URL.canParse(next, url)) return undefined;
  const { pathname, search } = new URL(next, url);
  return `${pathname}${search}`;
}

/**
 * All tags of a repository; none where there is no such repository.
 * @throws RegistryError when the registry does not answer, or with something else than tags
 */
export async function tagsOf(registry: Registry, repository: string): Promise<string[]> {
  const tags: string[] = [];
  let path: string | undefined = `${repository}/tags/list`;
  for (let page = 0; path !== undefined && page < pages; page++) {
    const response = await registry.ask(path);
    const failed = (): RegistryError =>
      new RegistryError(`The registry at ${registry.host} answered ${response.status} for the tags of ${repository}`, {
        status: response.status,
      });
    if (response.status === 404) return tags;
    if (!response.ok) throw failed();
    const { data } = schema.safeParse(await response.json().catch(() => undefined));
    if (!data) throw failed();
    tags.push(...(data.tags ?? []));
    path = nextIn(response.headers.get("link"), response);
  }
  return tags;
}
