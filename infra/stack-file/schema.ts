import { z } from "zod";

import {
  bytes,
  command,
  cpus,
  dictionary,
  duration,
  isObject,
  isText,
  listOf,
  listOrDictionary,
  number,
  oneOf,
  open,
  options,
  strict,
  text,
  textOrTexts,
  texts,
  truth,
  whole,
} from "./shapes.ts";

const fileReference = oneOf(
  "a name, or a mapping with source and target",
  [isText, text],
  [
    isObject,
    open({
      source: text.optional(),
      target: text.optional(),
      uid: text.optional(),
      gid: text.optional(),
      mode: whole.optional(),
    }),
  ],
);

const port = oneOf(
  "a port, such as 8080:80, or a mapping with target",
  [(value) => typeof value === "number", whole],
  [isText, text],
  [
    isObject,
    strict({
      mode: z.enum(["ingress", "host"], "ingress or host").optional(),
      target: whole.min(1, "a port").max(65_535, "a port"),
      published: whole.min(0, "a port").max(65_535, "a port").optional(),
      protocol: z.enum(["tcp", "udp", "sctp"], "tcp, udp or sctp").optional(),
    }),
  ],
);

const mountTypes = ["volume", "bind", "tmpfs", "npipe", "image", "cluster"] as const;
const mount = oneOf(
  "a volume, such as data:/var/lib/data, or a mapping with type and target",
  [isText, text],
  [
    isObject,
    strict({
      type: z.enum(mountTypes, `one of ${mountTypes.join(", ")}`),
      source: text.optional(),
      target: text,
      read_only: truth.optional(),
      consistency: text.optional(),
      bind: open({
        propagation: z.enum(["private", "rprivate", "shared", "rshared", "slave", "rslave"]).optional(),
      }).optional(),
      volume: open({ nocopy: truth.optional(), subpath: text.optional() }).optional(),
      tmpfs: open({ size: z.int("a number of bytes").min(0, "a number of bytes").optional() }).optional(),
    }),
  ],
);

const attachment = strict({
  aliases: texts.optional(),
  driver_opts: options.optional(),
  ipv4_address: text.optional(),
  ipv6_address: text.optional(),
}).nullable();
const attachments = oneOf(
  "a list or a mapping of networks",
  [Array.isArray, texts],
  [isObject, z.record(text, attachment)],
);

const ulimit = oneOf(
  "a whole number, or soft and hard",
  [(value) => typeof value === "number", whole],
  [isObject, strict({ soft: whole, hard: whole })],
);

const healthcheck = strict({
  disable: truth.optional(),
  interval: duration.optional(),
  retries: whole.min(0).optional(),
  test: command.optional(),
  timeout: duration.optional(),
  start_period: duration.optional(),
  start_interval: duration.optional(),
});

const pace = (actions: [string, ...string[]]) =>
  strict({
    parallelism: whole.min(0).optional(),
    delay: duration.optional(),
    failure_action: z.enum(actions, actions.join(", ")).optional(),
    monitor: duration.optional(),
    max_failure_ratio: number.min(0, "0 to 1").max(1, "0 to 1").optional(),
    order: z.enum(["start-first", "stop-first"], "start-first or stop-first").optional(),
  });

const modes = ["replicated", "global", "replicated-job", "global-job"] as const;
const deploy = strict({
  mode: z.enum(modes, `one of ${modes.join(", ")}`).optional(),
  endpoint_mode: z
    .string()
    .regex(/^(?:vip|dnsrr)$/i, "vip or dnsrr")
    .optional(),
  replicas: whole.min(0).optional(),
  labels: listOrDictionary.optional(),
  update_config: pace(["pause", "continue", "rollback"]).optional(),
  rollback_config: pace(["pause", "continue"]).optional(),
  resources: strict({
    limits: strict({ cpus: cpus.optional(), memory: bytes.optional(), pids: whole.optional() }).optional(),
    reservations: strict({
      cpus: cpus.optional(),
      memory: bytes.optional(),
      generic_resources: z
        .array(
          strict({ discrete_resource_spec: strict({ kind: text.optional(), value: whole.optional() }).optional() }),
        )
        .optional(),
    }).optional(),
  }).optional(),
  restart_policy: strict({
    condition: z.enum(["none", "on-failure", "any"], "none, on-failure or any").optional(),
    delay: duration.optional(),
    max_attempts: whole.min(0).optional(),
    window: duration.optional(),
  }).optional(),
  placement: strict({
    constraints: z.array(text, "a list of texts").optional(),
    preferences: z.array(strict({ spread: text.optional() })).optional(),
    max_replicas_per_node: whole.min(0).optional(),
  }).optional(),
}).nullable();

const service = strict({
  build: z.unknown().optional(),
  cap_add: texts.optional(),
  cap_drop: texts.optional(),
  cgroupns_mode: text.optional(),
  cgroup_parent: text.optional(),
  command: command.optional(),
  configs: z.array(fileReference, "a list").optional(),
  container_name: text.optional(),
  credential_spec: strict({ config: text.optional(), file: text.optional(), registry: text.optional() }).optional(),
  depends_on: texts.optional(),
  deploy: deploy.optional(),
  devices: texts.optional(),
  dns: textOrTexts.optional(),
  dns_search: textOrTexts.optional(),
  domainname: text.optional(),
  entrypoint: command.optional(),
  env_file: textOrTexts.optional(),
  environment: listOrDictionary.optional(),
  expose: listOf(z.union([text, number], "a port")).optional(),
  external_links: texts.optional(),
  extra_hosts: listOrDictionary.optional(),
  healthcheck: healthcheck.optional(),
  hostname: text.optional(),
  image: text.optional(),
  init: truth.optional(),
  ipc: text.optional(),
  isolation: z.enum(["default", "process", "hyperv"], "default, process or hyperv").optional(),
  labels: listOrDictionary.optional(),
  links: texts.optional(),
  logging: strict({ driver: text.optional(), options: dictionary.optional() }).optional(),
  mac_address: text.optional(),
  network_mode: text.optional(),
  networks: attachments.optional(),
  oom_score_adj: whole.optional(),
  pid: text.nullable().optional(),
  ports: listOf(port).optional(),
  privileged: truth.optional(),
  read_only: truth.optional(),
  restart: text.optional(),
  secrets: z.array(fileReference, "a list").optional(),
  security_opt: texts.optional(),
  shm_size: z.union([text, number], "a size").optional(),
  stdin_open: truth.optional(),
  stop_grace_period: duration.optional(),
  stop_signal: text.optional(),
  sysctls: listOrDictionary.optional(),
  tmpfs: textOrTexts.optional(),
  tty: truth.optional(),
  ulimits: z.record(text, ulimit, "a mapping").optional(),
  user: text.optional(),
  userns_mode: text.optional(),
  volumes: z.array(mount, "a list").optional(),
  working_dir: text.optional(),
});

const external = oneOf(
  "true, false or a mapping with name",
  [(value) => typeof value === "boolean", truth],
  [isObject, strict({ name: text.optional() })],
).optional();

const network = strict({
  name: text.optional(),
  driver: text.optional(),
  driver_opts: options.optional(),
  ipam: strict({
    driver: text.optional(),
    config: z.array(strict({ subnet: text.optional() })).optional(),
  }).optional(),
  external,
  internal: truth.optional(),
  attachable: truth.optional(),
  labels: listOrDictionary.optional(),
}).nullable();

const volume = strict({
  name: text.optional(),
  driver: text.optional(),
  driver_opts: options.optional(),
  external,
  labels: listOrDictionary.optional(),
}).nullable();

const fileObject = {
  name: text.optional(),
  file: text.optional(),
  external,
  labels: listOrDictionary.optional(),
  template_driver: text.optional(),
};
const config = strict(fileObject);
const secret = strict({ ...fileObject, driver: text.optional(), driver_opts: options.optional() });

const name = z.string().regex(/^[a-zA-Z0-9._-]+$/, "a name of letters, digits, dots, dashes and underscores");

/** What a stack file may say once its variables are in their places and its extension fields are taken out. */
export const stackSchema = strict({
  version: text.optional(),
  services: z.record(name, service, "a mapping of services").optional(),
  networks: z.record(name, network, "a mapping of networks").optional(),
  volumes: z.record(name, volume, "a mapping of volumes").optional(),
  secrets: z.record(name, secret, "a mapping of secrets").optional(),
  configs: z.record(name, config, "a mapping of configs").optional(),
});

export type RawStack = z.output<typeof stackSchema>;
export type RawService = NonNullable<RawStack["services"]>[string];
