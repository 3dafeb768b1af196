/**
 * A stack in one form: what a file says in a short or a long way is said in the long one here, with numbers for durations
 * (nanoseconds) and sizes (bytes). Keys keep the names that they have in files, since their lines are found by them.
 */
export interface Stack {
  services: Record<string, StackService>;
  networks: Record<string, StackNetwork>;
  volumes: Record<string, StackVolume>;
  secrets: Record<string, StackFileObject>;
  configs: Record<string, StackFileObject>;
}

/** A port that is published. */
export interface Port {
  target: number;
  published?: number;
  protocol?: string;
  mode?: string;
}

/** Something that is mounted into a container. */
export interface Mount {
  type: string;
  source?: string;
  target: string;
  read_only?: boolean;
  consistency?: string;
  bind?: { propagation?: string };
  volume?: { nocopy?: boolean; subpath?: string };
  tmpfs?: { size?: number };
}

/** A config or secret that a service is given. */
export interface FileReference {
  source?: string;
  target?: string;
  uid?: string;
  gid?: string;
  mode?: number;
}

/** How Swarm replaces tasks. */
export interface Pace {
  parallelism?: number;
  delay?: number;
  failure_action?: string;
  monitor?: number;
  max_failure_ratio?: number;
  order?: string;
}

export interface Healthcheck {
  disable?: boolean;
  test?: string[];
  interval?: number;
  timeout?: number;
  start_period?: number;
  start_interval?: number;
  retries?: number;
}

export interface Deploy {
  mode?: string;
  endpoint_mode?: string;
  replicas?: number;
  labels?: Record<string, string>;
  update_config?: Pace;
  rollback_config?: Pace;
  resources?: {
    limits?: { cpus?: number; memory?: number; pids?: number };
    reservations?: { cpus?: number; memory?: number; generic_resources?: { kind: string; value: number }[] };
  };
  restart_policy?: { condition?: string; delay?: number; max_attempts?: number; window?: number };
  placement?: { constraints?: string[]; preferences?: string[]; max_replicas_per_node?: number };
}

/** A service, of which all that is left out is left to Swarm. */
export interface StackService {
  image?: string;
  command?: string[];
  entrypoint?: string[];
  /** `null` takes a variable of the image away. */
  environment?: Record<string, string | null>;
  configs?: FileReference[];
  secrets?: FileReference[];
  credential_spec?: Record<string, string>;
  deploy?: Deploy;
  dns?: string[];
  dns_search?: string[];
  /** `host:address` each. */
  extra_hosts?: string[];
  healthcheck?: Healthcheck;
  hostname?: string;
  init?: boolean;
  isolation?: string;
  labels?: Record<string, string>;
  logging?: { driver?: string; options?: Record<string, string> };
  networks?: Record<string, { aliases?: string[]; driver_opts?: Record<string, string> } | null>;
  oom_score_adj?: number;
  ports?: Port[];
  read_only?: boolean;
  restart?: string;
  cap_add?: string[];
  cap_drop?: string[];
  stdin_open?: boolean;
  stop_grace_period?: number;
  stop_signal?: string;
  sysctls?: Record<string, string>;
  tty?: boolean;
  ulimits?: Record<string, { soft: number; hard: number }>;
  user?: string;
  volumes?: Mount[];
  working_dir?: string;
}

export interface StackNetwork {
  name?: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  ipam?: { driver?: string; config?: { subnet?: string }[] };
  internal?: boolean;
  attachable?: boolean;
  labels?: Record<string, string>;
}

export interface StackVolume {
  name?: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  labels?: Record<string, string>;
}

/** A config or a secret. */
export interface StackFileObject {
  name?: string;
  external?: boolean;
  /** The absolute path of what it holds. */
  file?: string;
  labels?: Record<string, string>;
  driver?: string;
  driver_opts?: Record<string, string>;
  template_driver?: string;
}
