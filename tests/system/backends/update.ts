// Brings the stack `staging` of the project that SLIPWAY_PROJECT names up, as the driver does, and prints what came of it.
import { join } from "node:path";

import { LogFile } from "../../../pipeline/log-file.ts";
import { stackHistory } from "../../../pipeline/stack-history.ts";
import { update } from "../../../pipeline/update.ts";
import { projectRoot } from "../../../settings/project.ts";

const notes: string[] = [];
const log = new LogFile(join(projectRoot, "log"));
const { outputs } = await update("staging", {
  message: "of a test",
  signal: AbortSignal.timeout(300_000),
  log,
  progress: (event) => {
    if (event.type === "note") notes.push(event.text);
  },
});
console.log(JSON.stringify({ outputs, notes, history: await stackHistory("staging", 20) }));
