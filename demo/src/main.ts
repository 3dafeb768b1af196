import { setTimeout as sleep } from "node:timers/promises";

import { connect } from "./database.ts";
import { log, reason } from "./log.ts";
import { closed, serverOf } from "./server.ts";
import { databaseFrom, settingsFrom } from "./settings.ts";

const settings = settingsFrom(process.env);
const database = connect(databaseFrom(process.env));
let stopping = false;
const server = serverOf({ settings, people: database, stopping: () => stopping });

/** Says first that it stops, keeps serving until the proxy has noticed, then ends what is open. */
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log("stopping", { signal, drainSeconds: settings.drainSeconds });
  await sleep(settings.drainSeconds * 1000);
  await closed(server);
  await database.close();
  log("stopped");
}

function stopOn(signal: NodeJS.Signals): void {
  process.on(signal, () => {
    stop(signal).catch((error: unknown) => {
      log("did not stop cleanly", { reason: reason(error) });
      process.exit(1);
    });
  });
}

stopOn("SIGTERM");
stopOn("SIGINT");
server.listen(settings.port, () => {
  log("listening", { port: settings.port, version: settings.version, commit: settings.commit });
});
