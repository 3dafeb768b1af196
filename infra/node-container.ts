import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import { addressOf } from "../registry/address.ts";
import { ownerLabel } from "../settings/project.ts";

/**
 * What an engine in a container needs. Not `privileged`: it fails on machines that withhold CAP_SYS_RESOURCE, and gives
 * devices that a node has no use for.
 */
export const nodeCapabilities = [
  "AUDIT_CONTROL",
  "AUDIT_READ",
  "BLOCK_SUSPEND",
  "DAC_READ_SEARCH",
  "IPC_LOCK",
  "IPC_OWNER",
  "LEASE",
  "LINUX_IMMUTABLE",
  "MAC_ADMIN",
  "MAC_OVERRIDE",
  "MKNOD",
  "NET_ADMIN",
  "NET_BROADCAST",
  "NET_RAW",
  "SETFCAP",
  "SYSLOG",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_CHROOT",
  "SYS_MODULE",
  "SYS_NICE",
  "SYS_PACCT",
  "SYS_PTRACE",
  "SYS_RAWIO",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "WAKE_ALARM",
].map((name) => `CAP_${name}`);

/** The registry that nodes pull from. */
export interface NodeRegistry {
  /** `host:port`, or `host:port/path`. */
  host: string;
  /** Of the embedded one: the port of the node's own loopback that leads to it, its address, and the network that has it. */
  port?: number;
  address?: string;
  network?: string;
  /** The authorities, as PEM, that its certificate may be signed by beside those that everybody believes. */
  authorities?: string[];
}

export interface NodeContainerArgs {
  name: string;
  hostname: string;
  image: pulumi.Input<string>;
  /** The volume that holds the engine's data. */
  volume: pulumi.Input<string>;
  /** The folder on this machine that the engine's API socket appears in. */
  sockets: string;
  networks: docker.types.input.ContainerNetworksAdvanced[];
  /** The node's ports that are published on 127.0.0.1, and where. */
  publish: { internal: number; external: number }[];
  registry: NodeRegistry;
}

/** The group that may use the sockets of the nodes: the one of the person who runs this. */
const ownGroup = process.getgid?.() ?? 0;

/** The file in which an engine looks for the authorities of a registry. */
function trusting({ host, authorities = [] }: NodeRegistry): Pick<docker.ContainerArgs, "uploads"> {
  if (authorities.length === 0) return {};
  const file = `/etc/docker/certs.d/${addressOf(host).host}/ca.crt`;
  return { uploads: [{ file, content: authorities.map((pem) => `${pem.trim()}\n`).join("") }] };
}

/** The container of one embedded node. Its API is reached through a socket that only the owner's group may use. */
export function nodeContainer(args: NodeContainerArgs): docker.ContainerArgs {
  const { registry } = args;
  return {
    name: args.name,
    hostname: args.hostname,
    image: args.image,
    restart: "unless-stopped",
    capabilities: { adds: nodeCapabilities },
    securityOpts: ["seccomp=unconfined", "apparmor=unconfined"],
    networksAdvanced: args.networks,
    ports: args.publish.map((port) => ({ ip: "127.0.0.1", ...port })),
    volumes: [
      { hostPath: "/sys/fs/cgroup", containerPath: "/sys/fs/cgroup" },
      { hostPath: args.sockets, containerPath: "/run/slipway" },
      { volumeName: args.volume, containerPath: "/var/lib/docker" },
    ],
    envs: [
      ...(registry.address ? [`REGISTRY_PORT=${registry.port}`, `REGISTRY_ADDRESS=${registry.address}`] : []),
      `SOCKET_GID=${ownGroup}`,
    ],
    labels: [ownerLabel],
    ...trusting(registry),
    // Long enough for the engine to stop its tasks and tell the other managers.
    stopTimeout: 20,
    destroyGraceSeconds: 1,
    mustRun: true,
    // Reaps what a health check or the registry's forwarder leaves to the first process.
    init: true,
  };
}
