/** Keys of a service that `docker stack deploy` refuses, each with what to do instead. */
export const refusedKeys = new Map(
  Object.entries({
    extends: "a stack cannot extend another service; use an anchor or a second file",
    volume_driver: "name the driver of the volume under the top level's `volumes`",
    volumes_from: "name the volume under the top level's `volumes`, and in each service that shares it",
    cpu_quota: "set `deploy.resources.limits`",
    cpu_shares: "set `deploy.resources.limits`",
    cpuset: "set `deploy.resources.limits`",
    mem_limit: "set `deploy.resources.limits`",
    memswap_limit: "set `deploy.resources.limits`",
  }),
);

/** Keys of a service that `docker stack deploy` says it ignores. */
const unsupported = [
  ...["build", "cgroupns_mode", "cgroup_parent", "devices", "domainname", "external_links", "ipc", "links"],
  ...["mac_address", "network_mode", "pid", "privileged", "restart", "security_opt", "shm_size", "userns_mode"],
];

/** Keys of a service that are ignored, each with what is said of it. */
export const ignoredKeys = new Map(
  Object.entries({
    ...Object.fromEntries(unsupported.map((key) => [key, "Swarm has nothing like it, and it is ignored"])),
    restart: "taken for `deploy.restart_policy` where that is not given; write that instead",
    container_name: "a container of a service cannot be given a name, and it is ignored",
    expose: "services on the same network reach each other's ports anyway, and it is ignored",
    // `docker stack deploy` ignores these without a word.
    depends_on: "Swarm starts services in no order, and it is ignored",
    tmpfs: "it is ignored by `docker stack deploy` and here; use a volume of the type tmpfs",
  }),
);

/** The version of the format in which a key came; `*` is any name, `[]` a list's item. */
export const keysSince: Readonly<Record<number, readonly string[]>> = {
  1: ["secrets", "services.*.secrets"],
  2: [
    "networks.*.attachable",
    "services.*.deploy.endpoint_mode",
    "services.*.ports.[].target",
    "services.*.volumes.[].type",
  ],
  3: ["configs", "services.*.configs", "services.*.credential_spec", "services.*.deploy.placement.preferences"],
  4: ["services.*.deploy.update_config.order", "services.*.healthcheck.start_period", "volumes.*.name"],
  5: [
    ...["configs.*.name", "networks.*.name", "secrets.*.name", "services.*.isolation"],
    "services.*.deploy.resources.reservations.generic_resources",
  ],
  6: ["services.*.volumes.[].tmpfs"],
  7: ["services.*.deploy.rollback_config", "services.*.init"],
  8: [
    ...["configs.*.template_driver", "secrets.*.template_driver", "secrets.*.driver", "secrets.*.driver_opts"],
    ...["services.*.credential_spec.config", "services.*.deploy.placement.max_replicas_per_node"],
  ],
  9: ["services.*.cgroupns_mode", "services.*.deploy.resources.limits.pids"],
  12: ["services.*.healthcheck.start_interval"],
  13: ["services.*.networks.*.driver_opts", "services.*.oom_score_adj"],
};

/** The newest version of the format, which a file without one is of. */
export const newestVersion = 13;
