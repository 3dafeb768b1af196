// Sends the load in a thread of its own, so that what else the process does delays no request.
import { parentPort, workerData } from "node:worker_threads";

import { type Load, LoadGenerator } from "./load.ts";

const generator = new LoadGenerator(workerData as Load);
generator.start();
parentPort?.once("message", async () => {
  parentPort?.postMessage(await generator.stop());
});
