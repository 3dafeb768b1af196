import { z } from "zod";

import { SettingsError } from "./errors.ts";
import { check } from "./problems.ts";

/** The environment variable that says to an application's program where its files are, as JSON. */
export const applicationVariable = "SLIPWAY_APPLICATION";

const schema = z.strictObject({
  /** The checkout, or work tree, that the files are in. */
  root: z.string().min(1),
  /** Where delivery.yaml is in it. */
  description: z.string().min(1),
  /** What is demanded of a release in its environment. */
  demands: z
    .strictObject({ days: z.int(), approvers: z.int(), approveOwn: z.boolean(), approvalHours: z.number() })
    .optional(),
});

/** What an application's program is told. */
export type HandedApplication = z.output<typeof schema>;

/**
 * Reads what the program was told.
 * @returns undefined when it was told nothing
 * @throws SettingsError
 */
export function handedApplication(text = process.env[applicationVariable]): HandedApplication | undefined {
  if (!text) return undefined;
  const result = check(schema, JSON.parse(text));
  if ("problems" in result) throw new SettingsError(applicationVariable, result.problems);
  return result.value;
}
