import { isIPv4 } from "node:net";

import versions from "../../setup/versions.json" with { type: "json" };
import type { Mount, Stack, StackFileObject, StackNetwork, StackService } from "./model.ts";
import type { DockerPlugin } from "./plugin.ts";
import type { Tell } from "./rules.ts";

/** What is said where no version of the plugin knows a key: the pinned one is the newest that was looked at. */
const nobody = `no version of the docker plugin up to ${versions.plugins.docker} can say it to Swarm`;

const volumeTypes = ["volume", "bind", "tmpfs"];

function mounts(mount: Mount, at: string, { version, builtHere }: DockerPlugin, tell: Tell): void {
  if (mount.tmpfs?.size !== undefined && builtHere) {
    const install = `pulumi plugin install resource docker v${version}`;
    tell(
      `${at}.tmpfs.size`,
      `the docker plugin that set-up built cannot say it to Swarm, the official ${version} can: ${install}`,
    );
  }
  if (!volumeTypes.includes(mount.type)) tell(`${at}.type`, `${nobody}: a mount of the type ${mount.type}`);
  if (mount.consistency) tell(`${at}.consistency`, nobody);
  if (mount.volume?.subpath) tell(`${at}.volume.subpath`, nobody);
}

/** A ratio with more than one decimal is read back with one, and looks like a change ever after. */
const oneDecimal = (ratio = 0): boolean => Math.abs(ratio * 10 - Math.round(ratio * 10)) < 1e-9;

function deployment({ deploy }: StackService, at: string, tell: Tell): void {
  if (deploy?.mode?.endsWith("-job")) {
    tell(`${at}.mode`, `${nobody}: a job; let a service with the restart condition on-failure run to its end instead`);
  }
  if (deploy?.resources?.limits?.pids) tell(`${at}.resources.limits.pids`, nobody);
  if ((deploy?.placement?.preferences?.length ?? 0) > 1) {
    tell(`${at}.placement.preferences`, `${nobody} in which order more than one of them counts`);
  }
  for (const key of ["update_config", "rollback_config"] as const) {
    if (!oneDecimal(deploy?.[key]?.max_failure_ratio)) {
      tell(
        `${at}.${key}.max_failure_ratio`,
        "the docker plugin keeps one decimal of it, and would see a change every time",
      );
    }
  }
}

function container(service: StackService, at: string, tell: Tell): void {
  for (const key of ["tty", "stdin_open", "oom_score_adj", "ulimits", "credential_spec"] as const) {
    const value = service[key];
    const empty = !value || (typeof value === "object" && Object.keys(value).length === 0);
    if (!empty) tell(`${at}.${key}`, nobody);
  }
  if (service.healthcheck?.start_interval) tell(`${at}.healthcheck.start_interval`, nobody);
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    if (value === null) {
      tell(
        `${at}.environment`,
        `${nobody} that a variable of the image is taken away; give ${name} a value, an empty one if need be`,
      );
    }
  }
}

function fileObjects(kind: "configs" | "secrets", name: string, object: StackFileObject, tell: Tell): void {
  for (const key of ["template_driver", "driver"] as const) {
    if (object[key] && !object.external) tell(`${kind}.${name}.${key}`, nobody);
  }
}

function networks(name: string, network: StackNetwork, tell: Tell): void {
  network.ipam?.config?.forEach(({ subnet }, index) => {
    if (subnet && !isIPv4(subnet.split("/")[0] ?? "")) {
      tell(`networks.${name}.ipam.config.${index}.subnet`, "the docker plugin makes such a network anew every time");
    }
  });
}

/** Tells what the docker plugin cannot say to Swarm: nothing of a file is left out without a word. */
export function tellInexpressible(stack: Stack, plugin: DockerPlugin, tell: Tell): void {
  for (const [name, service] of Object.entries(stack.services)) {
    const at = `services.${name}`;
    container(service, at, tell);
    deployment(service, `${at}.deploy`, tell);
    service.volumes?.forEach((mount, index) => void mounts(mount, `${at}.volumes.${index}`, plugin, tell));
  }
  for (const kind of ["configs", "secrets"] as const) {
    for (const [name, object] of Object.entries(stack[kind])) fileObjects(kind, name, object, tell);
  }
  for (const [name, network] of Object.entries(stack.networks)) networks(name, network, tell);
}
