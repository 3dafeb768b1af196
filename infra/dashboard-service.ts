import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type DashboardSettings, dashboardService } from "../settings/dashboard.ts";
import { Service } from "./service.ts";
import type { SwarmTarget } from "./swarm-target.ts";

export interface DashboardServiceArgs extends DashboardSettings {
  /** The image by digest, with what `promote` needs beside the clone. */
  image: pulumi.Input<string>;
}

/** Runs promote in the clone, with the environment variables that somebody wrote down there. */
const promote = ["node", "--env-file-if-exists=.slipway/dashboard.env", "setup/start.mjs", "cli/main.ts"];

const socket = "/var/run/docker.sock";

/** Whether somebody listens there, whatever they speak. */
const listens = ({ host, port }: DashboardSettings): docker.types.input.ServiceTaskSpecContainerSpecHealthcheck => {
  const asked = host === "0.0.0.0" ? "127.0.0.1" : host;
  // A refusal is an error that nobody handles, with which Node ends as it does with any.
  const script = `require("node:net").connect(${port}, ${JSON.stringify(asked)}, function () { this.destroy(); })`;
  return {
    tests: ["CMD", "node", "--eval", script],
    interval: "5s",
    timeout: "5s",
    retries: 3,
    // A clone that was never set up is set up first.
    startPeriod: "10m",
  };
};

/**
 * The dashboard as a service of a Swarm, on the node that has a clone: it works in that as a person who sits there would. Its task has the
 * node's own network, since clusters and registries may be on the node's loopback.
 */
export class DashboardService extends pulumi.ComponentResource {
  readonly ready: pulumi.Output<docker.Service>;

  constructor(name: string, target: SwarmTarget, args: DashboardServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:DashboardService", name, {}, opts);
    const { folder, home, host, port, options, user, node } = args;
    const listening = ["--host", host, "--port", String(port), ...options];
    const service = new Service(
      name,
      target,
      {
        image: args.image,
        networks: "host",
        args: [...promote, "dashboard", ...listening],
        env: {
          HOME: home,
          NODE_COMPILE_CACHE: `${folder}/.slipway/cache/node`,
          [dashboardService]: `${target.environment}_${name}`,
        },
        user,
        dir: folder,
        binds: [
          { source: folder },
          // Pulumi and its plugins, keys for ssh, logins for registries.
          { source: home },
          { source: socket },
          // git and ssh ask for the name of whoever they run as.
          { source: "/etc/passwd", readOnly: true },
        ],
        constraints: [`node.hostname==${node}`, "node.role==manager"],
        memory: args.memory,
        healthcheck: listens(args),
        // Two cannot listen on one port of the node.
        order: "stop-first",
        limit: 900,
      },
      { parent: this },
    );
    this.ready = service.ready;
    this.registerOutputs({ serviceName: service.serviceName });
  }
}
