import { z } from "zod";

import { linger, ownSettings, pem } from "./environment.ts";

const schema = z.strictObject({ certificate: pem.optional(), linger });

/** What a stack of an application of its own may be configured with. */
export type ApplicationSettings = z.output<typeof schema>;

/**
 * Reads the settings of an application's stack.
 * @throws SettingsError naming each key, its value and what was expected
 */
export const applicationSettings = (stack: string, config: Record<string, string>): ApplicationSettings =>
  ownSettings(schema, stack, config);
