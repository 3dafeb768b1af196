import { readFileSync } from "node:fs";
import { z } from "zod";

const schema = z.object({
  environment: z.string(),
  /** Whether a suite may hurt what runs there. */
  harsh: z.boolean(),
  /** The edge of each node. */
  addresses: z.array(z.url()).min(1),
  /** The API of a manager. */
  engine: z.string(),
  /** The API of the machine that embedded nodes are containers of. */
  machine: z.string(),
  /** Those that are the environment's own; only embedded ones are containers, which a suite may kill. */
  nodes: z.array(z.object({ name: z.string(), container: z.string().optional(), engine: z.string() })),
  /** What was deployed, by name. */
  services: z.record(z.string(), z.union([z.int(), z.literal(["global", "once"])])),
  /** The secrets and configs that each service's tasks are given. */
  files: z.record(z.string(), z.array(z.string())),
  /** How long 99 of 100 answers may take at most under load, in milliseconds. */
  p99: z.number(),
  /** Whether something ran here before the release. */
  previous: z.unknown().optional(),
  /** Migrations of the release that cannot be gone back from to that. */
  irreversible: z.array(z.string()).default([]),
  release: z.object({
    application: z.string(),
    commit: z.string(),
    version: z.string(),
    /** By name, each with its digest. */
    images: z.record(z.string(), z.string().regex(/@sha256:[0-9a-f]{64}$/)),
  }),
});

/** What a suite knows of the environment that it examines. */
export type Facts = z.output<typeof schema>;

/**
 * Reads the facts that the pipeline wrote for a suite.
 * @param file the path in SLIPWAY_FACTS
 */
export function readFacts(file: string | undefined): Facts {
  if (file === undefined || file === "") {
    throw new Error("SLIPWAY_FACTS is not set. This suite examines an environment: run it with npm run promote");
  }
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`The facts in ${file} are not usable:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The facts of the environment that this run examines. */
export const facts: Facts = readFacts(process.env.SLIPWAY_FACTS);
