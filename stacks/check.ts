import { join } from "node:path";

import { StackFileError } from "../infra/stack-file/problems.ts";
import { readDelivery } from "../settings/delivery.ts";
import { environments } from "../settings/environment.ts";
import { handedApplication } from "../settings/handed-application.ts";
import { assertStackFile } from "./stack-file-args.ts";

/**
 * A program of its own, for who delivers: reads an application's stack file as each environment would, before there is an image or a
 * Swarm, and says on standard error what is wrong. Exit code 2 when something is.
 */
async function check(): Promise<void> {
  const given = handedApplication();
  if (!given) throw new Error("Nothing says where the application is");
  const delivery = await readDelivery(join(given.root, given.description), given.root);
  process.chdir(delivery.folder);
  for (const environment of environments) assertStackFile(delivery, environment);
}

await check().catch((error: unknown) => {
  if (!(error instanceof StackFileError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
