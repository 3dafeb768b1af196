import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import { namespaceLabel } from "../../swarm/services.ts";
import type { FileReference, Healthcheck, Mount, Stack, StackService } from "./model.ts";
import { durationText } from "./units.ts";

type ContainerSpec = docker.types.input.ServiceTaskSpecContainerSpec;

/** What stands for the things that a service refers to by their names in the file. */
export interface References {
  namespace: string;
  /** The image by digest. */
  image: pulumi.Input<string>;
  network(name: string): pulumi.Input<string>;
  file(kind: "configs" | "secrets", name: string): { id: pulumi.Input<string>; name: pulumi.Input<string> };
}

/** Without its empty lists and mappings: the docker plugin takes such a one for a change of the service, every time. */
export const filled = <Spec extends object>(spec: { [Key in keyof Spec]: Spec[Key] | undefined }): Spec =>
  Object.fromEntries(
    Object.entries(spec).filter(
      ([, value]) =>
        value !== undefined && !(typeof value === "object" && value !== null && Object.keys(value).length === 0),
    ),
  ) as Spec;

/** Labels as the docker plugin takes them, in one order, so that a preview shows only what changes. */
export const labelList = (labels: Record<string, string>): { label: string; value: string }[] =>
  Object.entries(labels)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, value]) => ({ label, value }));

const capability = (name: string): string => {
  const upper = name.trim().toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
};

/** As docker writes them: sorted, `ALL` for all others, and what is added not dropped. */
function capabilities(names: string[] = [], without: string[] = []): string[] {
  const all = [...new Set(names.map(capability))];
  const kept = all.includes("ALL") ? ["ALL"] : all;
  const added = without.map(capability);
  return kept.filter((name) => name !== "CAP_RESET" && !added.includes(name)).sort();
}

const none = { interval: "0s", timeout: "0s", startPeriod: "0s", retries: 0 };

/** Written out when there is none, too: the docker plugin takes no word of it for "as before". */
function healthcheckOf(check: Healthcheck | undefined): docker.types.input.ServiceTaskSpecContainerSpecHealthcheck {
  if (!check) return none;
  if (check.disable) return { ...none, tests: ["NONE"] };
  return {
    ...(check.test?.length ? { tests: check.test } : {}),
    interval: durationText(check.interval ?? 0),
    timeout: durationText(check.timeout ?? 0),
    startPeriod: durationText(check.start_period ?? 0),
    retries: check.retries ?? 0,
  };
}

function volumeOptions(mount: Mount, { volumes }: Stack, namespace: string) {
  const volume = volumes[mount.source ?? ""];
  if (mount.type !== "volume" || !volume) return {};
  const noCopy = mount.volume?.nocopy ?? false;
  if (volume.external) return { source: volume.name, volumeOptions: { noCopy } };
  const options = {
    noCopy,
    labels: labelList({ ...volume.labels, [namespaceLabel]: namespace }),
    ...(volume.driver ? { driverName: volume.driver } : {}),
    ...(volume.driver_opts ? { driverOptions: volume.driver_opts } : {}),
  };
  return { source: volume.name ?? `${namespace}_${mount.source}`, volumeOptions: options };
}

function mountOf(mount: Mount, stack: Stack, namespace: string): docker.types.input.ServiceTaskSpecContainerSpecMount {
  const { type, target, source, bind, tmpfs, read_only: readOnly = false } = mount;
  return {
    type,
    target,
    readOnly,
    ...(source === undefined ? {} : { source }),
    ...(bind?.propagation ? { bindOptions: { propagation: bind.propagation } } : {}),
    ...(tmpfs?.size === undefined ? {} : { tmpfsOptions: { sizeBytes: tmpfs.size } }),
    ...volumeOptions(mount, stack, namespace),
  };
}

const owned = ({ source, target, uid, gid, mode }: FileReference) => ({
  fileName: target || source || "",
  fileUid: uid || "0",
  fileGid: gid || "0",
  fileMode: mode ?? 0o444,
});

function hosts(entries: string[] = []): { host: string; ip: string }[] {
  return entries.map((entry) => {
    const colon = entry.indexOf(":");
    return { host: entry.slice(0, colon), ip: entry.slice(colon + 1) };
  });
}

/** The container of a service's tasks, as `docker stack deploy` has it. */
export function containerSpec(service: StackService, stack: Stack, of: References): ContainerSpec {
  const { dns, dns_search: searches, cap_add: added, cap_drop: dropped } = service;
  const drops = added?.map(capability).includes("ALL")
    ? (dropped ?? []).filter((name) => capability(name) === "ALL")
    : dropped;
  return filled<ContainerSpec>({
    image: of.image,
    args: service.command,
    commands: service.entrypoint,
    hostname: service.hostname,
    hosts: hosts(service.extra_hosts),
    dnsConfig:
      dns?.length || searches?.length ? { nameservers: dns ?? [], ...(searches ? { searches } : {}) } : undefined,
    healthcheck: healthcheckOf(service.healthcheck),
    env: service.environment as Record<string, string> | undefined,
    labels: labelList({ ...service.labels, [namespaceLabel]: of.namespace }),
    dir: service.working_dir,
    user: service.user,
    mounts: service.volumes?.map((mount) => mountOf(mount, stack, of.namespace)),
    // Swarm's own, written out: the docker plugin takes no word of it for none, and tasks would be killed at once.
    stopGracePeriod: durationText(service.stop_grace_period ?? 10e9),
    stopSignal: service.stop_signal,
    configs: service.configs?.map((one) => {
      const { id, name } = of.file("configs", one.source ?? "");
      return { configId: id, configName: name, ...owned(one) };
    }),
    secrets: service.secrets?.map((one) => {
      const { id, name } = of.file("secrets", one.source ?? "");
      return { secretId: id, secretName: name, ...owned(one) };
    }),
    readOnly: service.read_only,
    isolation: service.isolation,
    init: service.init,
    sysctl: service.sysctls,
    capAdds: capabilities(added),
    capDrops: capabilities(drops, added),
  });
}
