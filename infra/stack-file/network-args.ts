import type * as docker from "@pulumi/docker";

import { namespaceLabel } from "../../swarm/services.ts";
import { filled, labelList } from "./container-spec.ts";
import type { Stack, StackNetwork } from "./model.ts";
import { networkName, networksOf } from "./service-args.ts";

/** The networks that services join, by their names in the file: `docker stack deploy` makes no others. */
export const usedNetworks = ({ services }: Stack): string[] => [
  ...new Set(Object.values(services).flatMap((service) => Object.keys(networksOf(service)))),
];

/**
 * The gateway that Swarm gives a subnet, its first address. The docker plugin would take it for a change if it were not
 * said.
 */
export function gatewayOf(subnet: string): string {
  const [address = "", length = "32"] = subnet.split("/");
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(number / size) * size + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
}

/** The network that `docker stack deploy` makes of one in a stack file. */
export function networkArgs(namespace: string, name: string, stack: Stack): docker.NetworkArgs {
  const network: StackNetwork = stack.networks[name] ?? {};
  const subnets = network.ipam?.config?.flatMap(({ subnet }) => (subnet ? [subnet] : [])) ?? [];
  return filled<docker.NetworkArgs>({
    name: networkName(namespace, name, stack),
    driver: network.driver || "overlay",
    labels: labelList({ ...network.labels, [namespaceLabel]: namespace }),
    options: network.driver_opts,
    internal: network.internal,
    attachable: network.attachable,
    ipamDriver: network.ipam?.driver || undefined,
    ipamConfigs: subnets.map((subnet) => ({ subnet, gateway: gatewayOf(subnet) })),
  });
}
