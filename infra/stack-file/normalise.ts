import { absolute, dictionary, given, mapValues, type Surroundings } from "./forms.ts";
import type { Findings } from "./interpolate.ts";
import type { Stack, StackFileObject } from "./model.ts";
import { ServiceReader } from "./normalise-service.ts";
import type { RawStack } from "./schema.ts";

type Raw<Section extends "networks" | "volumes" | "secrets" | "configs"> = NonNullable<
  NonNullable<RawStack[Section]>[string]
>;

/** `external: {name: x}` is an older way of saying `external: true` and `name: x`. */
function externalOf(
  section: string,
  key: string,
  raw: { external?: boolean | { name?: string | undefined } | undefined; name?: string | undefined },
  found: Findings,
): { external?: boolean; name?: string } {
  const { external, name } = raw;
  const older = typeof external === "object" ? external.name : undefined;
  if (older && name) found.problem(`${section}.${key}.external.name`, "it is given with `name`, which says the same");
  if (!external) return name === undefined ? {} : { name };
  return { external: true, name: older ?? name ?? key };
}

function volumeOf(key: string, raw: Raw<"volumes"> | null, found: Findings): Stack["volumes"][string] {
  const { driver, driver_opts, labels } = raw ?? {};
  const named = externalOf("volumes", key, raw ?? {}, found);
  for (const [other, value] of Object.entries({ driver, driver_opts, labels })) {
    if (named.external && value !== undefined) {
      found.problem(`volumes.${key}.${other}`, "it is made by somebody else (`external`), who says that");
    }
  }
  return given({
    ...named,
    driver,
    driver_opts: driver_opts && mapValues(driver_opts, String),
    labels: dictionary(labels),
  });
}

function networkOf(key: string, raw: Raw<"networks"> | null, found: Findings): Stack["networks"][string] {
  const { driver, driver_opts, ipam, internal, attachable, labels } = raw ?? {};
  const config = ipam?.config?.map((pool) => given<{ subnet?: string }>(pool));
  return given({
    ...externalOf("networks", key, raw ?? {}, found),
    driver,
    driver_opts: driver_opts && mapValues(driver_opts, String),
    ipam: ipam && given({ driver: ipam.driver, config }),
    internal,
    attachable,
    labels: dictionary(labels),
  });
}

/** What has a driver has no file; of what is made by somebody else none is read. */
function fileObjectOf(
  section: "configs" | "secrets",
  key: string,
  raw: Raw<"secrets">,
  around: Surroundings,
): StackFileObject {
  const named = externalOf(section, key, raw, around.found);
  if (!named.external && !raw.driver && !raw.file) around.found.problem(`${section}.${key}`, "it has no `file`");
  return given<StackFileObject>({
    ...named,
    file: raw.file === undefined ? undefined : absolute(around.folder, raw.file),
    labels: dictionary(raw.labels),
    driver: raw.driver,
    driver_opts: raw.driver_opts && mapValues(raw.driver_opts, String),
    template_driver: raw.template_driver,
  });
}

/** Brings what one file says into one form. What cannot be read is told to `around.found`. */
export function normalise(raw: RawStack, around: Surroundings): Stack {
  const { found } = around;
  return {
    services: mapValues(raw.services, (service, name) => new ServiceReader(name, around).read(service)),
    networks: mapValues(raw.networks, (network, key) => networkOf(key, network, found)),
    volumes: mapValues(raw.volumes, (volume, key) => volumeOf(key, volume, found)),
    secrets: mapValues(raw.secrets, (secret, key) => fileObjectOf("secrets", key, secret, around)),
    configs: mapValues(raw.configs, (config, key) => fileObjectOf("configs", key, config, around)),
  };
}
