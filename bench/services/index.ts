import * as docker from "@pulumi/docker";

import { OverlayNetwork } from "../../infra/overlay-network.ts";
import { Service } from "../../infra/service.ts";
import { swarmTarget } from "../../infra/swarm-target.ts";
import type { ServicesToMake } from "../speed.ts";

const { engine, image, count, replicas, monitor, memory } = JSON.parse(
  process.env.SLIPWAY_BENCH ?? "{}",
) as ServicesToMake;
const target = swarmTarget("bench", engine, new docker.Provider("swarm", { host: engine }));
const network = new OverlayNetwork("net", target).id;
for (let index = 1; index <= count; index++) {
  new Service(`s${index}`, target, { image, networks: [network], replicas, monitor, memory });
}
