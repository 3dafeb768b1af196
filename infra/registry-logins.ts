import { existsSync } from "node:fs";
import { join } from "node:path";
import type * as docker from "@pulumi/docker";

import { addressOf, isLocal } from "../registry/address.ts";
import { dockerConfigFile } from "../registry/login.ts";

/** As the provider writes it, so that the state of two people is the same. */
const usual = "~/.docker/config.json";

/**
 * Has a Swarm's provider hand the login for a registry to the nodes, with each service, as `--with-registry-auth` does. The provider takes it
 * from docker's own file, or the helper that this names, so the state knows where a login is and not what it is.
 * @param registry `host:port`, or `host:port/path`
 */
export function registryLogins(registry: string): Pick<docker.ProviderArgs, "registryAuth"> {
  const { host } = addressOf(registry);
  if (isLocal(host) || !existsSync(dockerConfigFile())) return {};
  const own = process.env.DOCKER_CONFIG;
  return { registryAuth: [{ address: host, configFile: own ? join(own, "config.json") : usual }] };
}
