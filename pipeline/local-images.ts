import type Docker from "dockerode";

import type { Registry } from "../registry/client.ts";
import { tags } from "../registry/listing.ts";
import { revisionLabel } from "./built-image.ts";
import { markedCommit } from "./in-use.ts";

interface Local {
  name: string;
  repository: string;
  commit: string;
}

/** What builds left on an engine: what is tagged with the commit that it is labelled with, for a registry. */
async function built(engine: Docker, host: string): Promise<Local[]> {
  const images = await engine.listImages();
  return images.flatMap(({ RepoTags, Labels }) =>
    (RepoTags ?? []).flatMap((name) => {
      const [, repository = "", commit = ""] = /^(.+):([0-9a-f]{12})$/.exec(name) ?? [];
      const ours = repository.startsWith(`${host}/`) && Labels?.[revisionLabel]?.startsWith(commit);
      return ours && commit ? [{ name, repository: repository.slice(host.length + 1), commit }] : [];
    }),
  );
}

/**
 * Removes from an engine the images that builds left there and that are in the registry no more, unless a run is building them.
 * @returns the names of what was removed
 */
export async function removeLocalImages(engine: Docker, registry: Registry): Promise<string[]> {
  const found = await built(engine, registry.host);
  const present = new Map<string, string[]>();
  for (const { repository } of found) {
    if (!present.has(repository)) present.set(repository, await tags(registry, repository));
  }
  const marked = new Set([...present.values()].flat().map(markedCommit));
  const gone = found.filter(
    ({ repository, commit }) => !(marked.has(commit) || present.get(repository)?.includes(commit)),
  );
  const removed: string[] = [];
  for (const { name } of gone) {
    // A container may be made from it, which is somebody's own.
    const went = await engine
      .getImage(name)
      .remove()
      .then(
        () => true,
        () => false,
      );
    if (went) removed.push(name);
  }
  return removed;
}
