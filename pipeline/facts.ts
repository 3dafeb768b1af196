import { z } from "zod";

import type { EnvironmentName } from "../settings/environment.ts";
import { parseRelease, type Release } from "../settings/release.ts";
import type { Scale } from "../swarm/services.ts";

const node = z.object({
  name: z.string(),
  container: z.string().optional(),
  engine: z.string(),
  /** What it is to be, where that is not active. */
  availability: z.string().optional(),
});

const scale = z.union([z.int(), z.literal(["global", "once"])]);

const schema = z.object({
  addresses: z.array(z.string()),
  engine: z.string(),
  nodes: z.array(node),
  services: z.record(z.string(), scale),
  files: z.record(z.string(), z.array(z.string())),
  release: z.unknown(),
  previous: z.unknown(),
});

/** What an environment's stack says of it once it is deployed. */
export interface EnvironmentFacts {
  addresses: string[];
  /** The API of a manager. */
  engine: string;
  nodes: z.output<typeof node>[];
  /** What was deployed, by name. */
  services: Record<string, Scale>;
  /** The secrets and configs that each service's tasks are given, by name. */
  files: Record<string, string[]>;
  release: Release | undefined;
  /** What ran before it, to go back to. */
  previous: Release | undefined;
}

const releaseIn = (environment: EnvironmentName, value: unknown): Release | undefined =>
  value === null || value === undefined ? undefined : parseRelease(`the outputs of ${environment}`, value);

/** Reads an environment's stack outputs; undefined when they are not (yet) those of a whole environment. */
export function environmentFacts(
  environment: EnvironmentName,
  outputs: Record<string, unknown> | undefined,
): EnvironmentFacts | undefined {
  const parsed = schema.safeParse(outputs ?? {});
  if (!parsed.success) return undefined;
  const { release, previous, ...rest } = parsed.data;
  return { ...rest, release: releaseIn(environment, release), previous: releaseIn(environment, previous) };
}
