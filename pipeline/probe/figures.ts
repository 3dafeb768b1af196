import { z } from "zod";

import { loadSeries } from "./series.ts";

/** How many things that happened meanwhile are kept. */
export const mostEvents = 40;

/** How a load ended, as figures. Latencies are in milliseconds. */
export const loadFigures = z.object({
  sent: z.number(),
  failed: z.number(),
  rate: z.number(),
  latency: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  /** How it went over time; absent in what earlier versions wrote. */
  series: loadSeries.exactOptional(),
  /** What tasks did meanwhile, in order: when, in milliseconds since 1970, and what in words. */
  events: z
    .array(z.object({ at: z.number(), what: z.string() }))
    .max(mostEvents)
    .exactOptional(),
});
export type LoadFigures = z.output<typeof loadFigures>;
