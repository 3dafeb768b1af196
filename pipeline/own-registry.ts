import { Registry, RegistryError } from "../registry/client.ts";
import { PrerequisiteError } from "./errors.ts";

/** A repository that every delivery writes to, by which it is seen whether it may. */
const written = "slipway/edge";

/** Begins an upload and gives it up. */
async function tryToWrite(registry: Registry): Promise<void> {
  const begun = await registry.ask(`${written}/blobs/uploads/`, { method: "POST" });
  await begun.body?.cancel();
  const location = begun.headers.get("location");
  if (!begun.ok || location === null) {
    const { status } = begun;
    throw new RegistryError(`The registry at ${registry.host} takes nothing into ${written}: it answered ${status}`, {
      status,
    });
  }
  const ended = await registry.ask(new URL(location, begun.url).href, { method: "DELETE" });
  await ended.body?.cancel();
}

/**
 * Makes sure that a registry of one's own can be reached, by TLS that is trusted, and that docker's login for it may read and write.
 * @throws PrerequisiteError saying why not, and what to do
 */
export async function assertRegistry(host: string, signal?: AbortSignal): Promise<void> {
  const registry = new Registry(host, signal ? { signal } : {});
  try {
    const response = await registry.ask("");
    await response.body?.cancel();
    if (!response.ok) throw new RegistryError(`The registry at ${host} answered ${response.status}`);
    await tryToWrite(registry);
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause;
    const next =
      cause.next ??
      `curl https://${host.split("/")[0]}/v2/ (should answer), or another slipway:registry in Pulumi.delivery.yaml`;
    throw new PrerequisiteError(cause.message, { next, cause });
  }
}
