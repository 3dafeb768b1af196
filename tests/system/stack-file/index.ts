import { join } from "node:path";
import * as docker from "@pulumi/docker";

import { StackFile } from "../../../infra/stack-file.ts";
import { swarmTarget } from "../../../infra/swarm-target.ts";

/** What this program is told by the environment variable SLIPWAY_STACK_FILE. */
export interface StackFileToDeploy {
  /** The address of a manager. */
  engine: string;
  files: string[];
  /** What the files call the image, and what it is by digest. */
  image: { name: string; digest: string };
  completes: string[];
}

const { engine, files, image, completes } = JSON.parse(process.env.SLIPWAY_STACK_FILE ?? "{}") as StackFileToDeploy;
const target = swarmTarget("shop", engine, new docker.Provider("swarm", { host: engine }));
const shop = new StackFile("shop", target, {
  file: files.map((file) => join(import.meta.dirname, file)),
  images: { [image.name]: image.digest },
  completes,
});

export const runs = shop.runs;
