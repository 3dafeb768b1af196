import * as docker from "@pulumi/docker";

import { registryLogins } from "../../../infra/registry-logins.ts";
import { Service } from "../../../infra/service.ts";
import { swarmTarget } from "../../../infra/swarm-target.ts";
import { placeOf } from "../../../settings/release.ts";

/** What this program is told by the environment variable SLIPWAY_OWN_REGISTRY. */
export interface ServiceToDeploy {
  /** The address of a manager. */
  engine: string;
  /** By digest. */
  image: string;
}

const { engine, image } = JSON.parse(process.env.SLIPWAY_OWN_REGISTRY ?? "{}") as ServiceToDeploy;
const provider = new docker.Provider("swarm", { host: engine, ...registryLogins(placeOf(image).host) });
const service = new Service("idle", swarmTarget("shop", engine, provider), {
  image,
  networks: "host",
  args: ["sleep", "infinity"],
  limit: 40,
});

export const ready = service.ready.name;
