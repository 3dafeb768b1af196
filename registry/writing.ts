import type { Registry } from "./client.ts";

const attempts = 5;

/** Begins an upload and gives it up, which waits for as long as the registry takes no writes. */
async function untilItTakesWrites(registry: Registry, repository: string): Promise<void> {
  const begun = await registry.ask(`${repository}/blobs/uploads/`, { method: "POST" });
  await begun.body?.cancel();
  const location = begun.headers.get("location");
  if (!begun.ok || location === null) return;
  const ended = await registry.ask(new URL(location, begun.url).href, { method: "DELETE" });
  await ended.body?.cancel();
}

/**
 * Writes something that has several parts. A registry whose garbage is collected in the middle of that takes no writes for a while, and
 * takes away the parts that nothing refers to yet: then all of it is written again.
 * @param write writes all of it, except for what is there
 * @param mayBeThat whether what it threw may come from that
 * @throws what the last attempt threw
 */
export async function writeWhole<Result>(
  registry: Registry,
  repository: string,
  write: () => Promise<Result>,
  mayBeThat: (error: unknown) => boolean,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt === attempts || !mayBeThat(error)) throw error;
      await untilItTakesWrites(registry, repository);
    }
  }
}
