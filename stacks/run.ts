import { createRequire } from "node:module";

import { leaveOut } from "./left-out.ts";

/**
 * Where Pulumi starts our programs, instead of the SDK's own entry, which this then starts. What no program here needs would take a third of a
 * preview's time: it is left out (left-out.ts), and there are no source maps to look for.
 */
const require = createRequire(import.meta.url);

delete process.env.PULUMI_NODEJS_TYPESCRIPT;
leaveOut();
require("@pulumi/pulumi/cmd/run");
Reflect.deleteProperty(Error, "prepareStackTrace");
