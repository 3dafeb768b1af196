import { z } from "zod";

import { type Registry, RegistryError } from "./client.ts";

const schema = z.object({ tags: z.array(z.string()).nullish() });

/** How many pages of a list are followed at most; a registry gives hundreds of tags and more on each. */
const pages = 1_000;

/** Where the next page is, as the Link header says: `</v2/demo/app/tags/list?last=b&n=100>; rel="next"`. */
const nextIn = (link: string | null): string | undefined => /<([^>]*)>\s*;\s*rel="?next"?/i.exec(link ?? "")?.[1];

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
    path = nextIn(response.headers.get("link"));
  }
  return tags;
}
