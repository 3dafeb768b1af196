import { isIP } from "node:net";
import { isAbsolute } from "node:path";
import { z } from "zod";

import { managerSchema } from "./cluster.ts";

/**
 * The variable by which the delivery stack's program learns that it is not to look after the dashboard: deliveries do not depend on whether
 * that can be served.
 */
export const dashboardLeft = "SLIPWAY_DASHBOARD_LEFT";

/** The variable by which the dashboard learns as which service of Swarm it runs. */
export const dashboardService = "SLIPWAY_DASHBOARD_SERVICE";

const folder = (expected: string) => z.string(expected).refine(isAbsolute, expected);
const hostExpected = "an address of the node, such as 127.0.0.1";
const userExpected = "a user's and a group's number, such as 1000:998";
const nodeExpected = "the name of a node, as docker node ls gives it";

/** What Pulumi.delivery.yaml says of the dashboard as a service of a Swarm. */
export const dashboardSchema = z.strictObject({
  /** The address of a manager. */
  swarm: managerSchema,
  /** The manager that has the clone. */
  node: z.string(nodeExpected).regex(/^[\w][\w.-]*$/, nodeExpected),
  /** Where the clone is there. */
  folder: folder("the folder of a clone on that node, such as /srv/slipway"),
  /** Whose Pulumi, keys for ssh and logins for registries it uses. */
  home: folder("a home folder on that node, such as /root").default("/root"),
  /** As whom it runs: whose the clone is, and a group that may use the engine. */
  user: z
    .string(userExpected)
    .regex(/^\d+:\d+$/, userExpected)
    .default("0:0"),
  host: z
    .string(hostExpected)
    .refine((host) => isIP(host) !== 0, hostExpected)
    .default("127.0.0.1"),
  port: z.int("a port from 1 to 65535").min(1).max(65_535).default(8800),
  /** Its memory limit, and that of each delivery that it starts, in MiB. */
  memory: z.int("at least 512").min(512, "at least 512").default(4096),
  /** Further options of `promote dashboard`. */
  options: z.array(z.string("options of promote dashboard, as a list")).default([]),
});

export type DashboardSettings = z.output<typeof dashboardSchema>;
