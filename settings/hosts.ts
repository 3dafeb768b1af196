import { isIP } from "node:net";
import { z } from "zod";

const at = /^ssh:\/\/(?:[\w.-]+@)?([\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d+)?$/;
const addressExpected = "the IP address at which the other hosts reach it";

/** The host of an SSH address, where it is an IP address. */
function addressIn(text: string): string | undefined {
  const host = at.exec(text)?.[1]?.replaceAll(/[[\]]/g, "");
  return host !== undefined && isIP(host) > 0 ? host : undefined;
}

const labelsExpected = "labels of your own, such as { disk: ssd }";
const ownLabel = /^(?!slipway\.)[a-z0-9][a-z0-9._-]*$/;

const host = z
  .strictObject({
    at: z.string("ssh://user@host").regex(at, "ssh://user@host"),
    role: z.enum(["manager", "worker"], "manager or worker").default("worker"),
    address: z
      .string(addressExpected)
      .refine((text) => isIP(text) > 0, addressExpected)
      .optional(),
    data: z.boolean("true or false").default(false),
    labels: z
      .record(z.string(), z.string("a text"), labelsExpected)
      .refine((labels) => Object.keys(labels).every((key) => ownLabel.test(key)), labelsExpected)
      .default({}),
    availability: z.enum(["active", "pause", "drain"], "active, pause or drain").default("active"),
  })
  .transform((one) => ({ ...one, address: one.address ?? addressIn(one.at) ?? "" }))
  .refine((one) => one.address !== "", { path: ["address"], message: addressExpected });

/** A host that is a node of an environment's Swarm. */
export type Host = z.output<typeof host>;

const once = (values: string[]): boolean => new Set(values).size === values.length;

/** What a list of hosts may be. */
export const hostsSchema = z
  .array(host)
  .max(50, "at most 50 hosts")
  .refine((hosts) => hosts.filter(({ role }) => role === "manager").length % 2 === 1, {
    message: "an odd number of managers, since an even one survives no more failures than one fewer",
  })
  .refine((hosts) => hosts.filter(({ data }) => data).length === 1, {
    message: "exactly one host with data: true, on which databases keep theirs",
  })
  .refine((hosts) => once(hosts.map((one) => one.at)) && once(hosts.map(({ address }) => address)), {
    message: "each host once",
  });
