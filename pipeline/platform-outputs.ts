import { z } from "zod";

const address = z.string().regex(/^[\w.-]+:\d+$/);
const schema = z.object({ registry: z.object({ host: z.string(), address: address.optional().catch(undefined) }) });

/** What delivery itself needs, as the delivery stack has made it. */
export interface Platform {
  /** Where releases are pushed, `host:port`. */
  registry: string;
  /** The container that serves it, where that is the default's own. */
  container?: string;
}

/** Reads the delivery stack's outputs; undefined when it is not up. */
export function platformOf(outputs: Record<string, unknown> | undefined): Platform | undefined {
  const parsed = schema.safeParse(outputs ?? {});
  if (!parsed.success) return undefined;
  const { host, address: inside } = parsed.data.registry;
  const [container] = inside?.split(":") ?? [];
  return { registry: host, ...(container ? { container } : {}) };
}
