import { z } from "zod";

const schema = z.object({ registry: z.object({ host: z.string() }) });

/** What delivery itself needs, as the delivery stack has made it. */
export interface Platform {
  /** Where releases are pushed, `host:port`. */
  registry: string;
}

/** Reads the delivery stack's outputs; undefined when it is not up. */
export function platformOf(outputs: Record<string, unknown> | undefined): Platform | undefined {
  const parsed = schema.safeParse(outputs ?? {});
  return parsed.success ? { registry: parsed.data.registry.host } : undefined;
}
