import type { ApiSpec } from "../../swarm/holdings.ts";
import { listAt, textAt, valueAt } from "../inputs.ts";

/**
 * A service as Pulumi's program wants it, put as the engine's API puts it, so that the two can be compared. Only @pulumi/docker's
 * names are turned into the API's here; what either leaves out is a default, and seen to by who compares.
 */
export function specOf(inputs: unknown): ApiSpec {
  const task = at("taskSpec", inputs);
  return {
    Labels: labels(listAt(inputs, "labels")),
    Mode: mode(inputs),
    TaskTemplate: {
      ContainerSpec: containerSpec(at("containerSpec", task)),
      Resources: resources(task),
      RestartPolicy: renamed(at("restartPolicy", task), {
        condition: "Condition",
        delay: ["Delay", nanoseconds],
        maxAttempts: "MaxAttempts",
        window: ["Window", nanoseconds],
      }),
      Placement: {
        Constraints: at("placement.constraints", task),
        Preferences: listAt(task, "placement.prefs").map((over) => ({ Spread: { SpreadDescriptor: over } })),
        MaxReplicas: at("placement.maxReplicas", task),
      },
      Networks: listAt(task, "networksAdvanceds").map((network) => ({
        Target: at("id", network) ?? at("name", network),
        Aliases: at("aliases", network),
      })),
      LogDriver: renamed(at("logDriver", task), { name: "Name", options: "Options" }),
      Runtime: at("runtime", task),
    },
    UpdateConfig: pace(at("updateConfig", inputs)),
    RollbackConfig: pace(at("rollbackConfig", inputs)),
    EndpointSpec: {
      Mode: at("endpointSpec.mode", inputs),
      Ports: listAt(inputs, "endpointSpec.ports").map((port) =>
        renamed(port, {
          name: "Name",
          protocol: "Protocol",
          targetPort: "TargetPort",
          publishedPort: "PublishedPort",
          publishMode: "PublishMode",
        }),
      ),
    },
  };
}

const at = (path: string, value: unknown): unknown => valueAt(value, path);

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3_600e9 };

/** `1m30s`, as Go writes it, in nanoseconds. What is no such text stays as it is. */
export function nanoseconds(text: unknown): unknown {
  if (typeof text !== "string") return text;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, number, unit = ""]) => sum + Number(number) * (units[unit] ?? 0), 0);
}

type Names = Readonly<Record<string, string | readonly [string, (value: unknown) => unknown]>>;

/** An object's values by the API's names; undefined where there is no object. */
function renamed(value: unknown, names: Names): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(names).map(([own, name]) => {
    const [theirs, turn] = typeof name === "string" ? [name, (one: unknown) => one] : name;
    return [theirs, turn(at(own, value))] as const;
  });
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

const labels = (list: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(list.map((one) => [textAt(one, "label") ?? "", at("value", one)]));

const mode = (inputs: unknown): unknown =>
  at("mode.global", inputs) === true
    ? { Global: {} }
    : { Replicated: { Replicas: at("mode.replicated.replicas", inputs) ?? 1 } };

const pace = (value: unknown): unknown =>
  renamed(value, {
    parallelism: "Parallelism",
    delay: ["Delay", nanoseconds],
    failureAction: "FailureAction",
    monitor: ["Monitor", nanoseconds],
    maxFailureRatio: ["MaxFailureRatio", Number],
    order: "Order",
  });

function containerSpec(container: unknown): Record<string, unknown> {
  return {
    ...renamed(container, {
      image: "Image",
      commands: "Command",
      args: "Args",
      dir: "Dir",
      user: "User",
      groups: "Groups",
      hostname: "Hostname",
      init: "Init",
      isolation: "Isolation",
      readOnly: "ReadOnly",
      stopSignal: "StopSignal",
      capAdds: "CapabilityAdd",
      capDrops: "CapabilityDrop",
      sysctl: "Sysctls",
    }),
    // What is not said here, the docker plugin asks Swarm for as none at all.
    StopGracePeriod: nanoseconds(at("stopGracePeriod", container) ?? "0s"),
    // As a mapping on both sides; who reads the API's list makes one of it.
    Env: at("env", container) ?? {},
    Labels: labels(listAt(container, "labels")),
    Hosts: listAt(container, "hosts").map((one) => `${textAt(one, "ip")} ${textAt(one, "host")}`),
    DNSConfig: renamed(at("dnsConfig", container), {
      nameservers: "Nameservers",
      searches: "Search",
      options: "Options",
    }),
    Healthcheck: renamed(at("healthcheck", container), {
      tests: "Test",
      interval: ["Interval", nanoseconds],
      timeout: ["Timeout", nanoseconds],
      startPeriod: ["StartPeriod", nanoseconds],
      retries: "Retries",
    }),
    Privileges: {
      CredentialSpec: renamed(at("privileges.credentialSpec", container), { file: "File", registry: "Registry" }),
      SELinuxContext: renamed(at("privileges.seLinuxContext", container), {
        disable: "Disable",
        user: "User",
        role: "Role",
        type: "Type",
        level: "Level",
      }),
    },
    Mounts: listAt(container, "mounts").map(mount),
    Secrets: listAt(container, "secrets").map((one) => file("Secret", "secret", one)),
    Configs: listAt(container, "configs").map((one) => file("Config", "config", one)),
  };
}

const file = (kind: string, own: string, value: unknown): unknown => ({
  [`${kind}Name`]: at(`${own}Name`, value),
  File: renamed(value, { fileName: "Name", fileUid: "UID", fileGid: "GID", fileMode: "Mode" }),
});

const mount = (value: unknown): unknown => ({
  ...renamed(value, { type: "Type", source: "Source", target: "Target", readOnly: "ReadOnly" }),
  BindOptions: renamed(at("bindOptions", value), { propagation: "Propagation" }),
  VolumeOptions: at("volumeOptions", value) && {
    NoCopy: at("volumeOptions.noCopy", value),
    Labels: labels(listAt(value, "volumeOptions.labels")),
    DriverConfig: renamed(at("volumeOptions", value), { driverName: "Name", driverOptions: "Options" }),
  },
  TmpfsOptions: renamed(at("tmpfsOptions", value), { sizeBytes: "SizeBytes", mode: "Mode" }),
});

const amounts: Names = { memoryBytes: "MemoryBytes", nanoCpus: "NanoCPUs" };

/** `gpu=2` and the like, as text here; the API tells counted ones from named ones. */
const generic = (task: unknown, list: string, kind: string, turn: (value: string) => unknown): unknown[] =>
  listAt(task, `resources.reservation.genericResources.${list}`).map((one) => {
    const [Kind, value = ""] = String(one).split("=");
    return { [kind]: { Kind, Value: turn(value) } };
  });

const resources = (task: unknown): unknown => ({
  Limits: renamed(at("resources.limits", task), amounts),
  Reservations: {
    ...renamed(at("resources.reservation", task), amounts),
    GenericResources: [
      ...generic(task, "namedResourcesSpecs", "NamedResourceSpec", String),
      ...generic(task, "discreteResourcesSpecs", "DiscreteResourceSpec", Number),
    ],
  },
});
