import { z } from "zod";

import { addressesSchema, clusterSchema } from "./cluster.ts";
import { dashboardSchema } from "./dashboard.ts";
import { SettingsError } from "./errors.ts";
import { check } from "./problems.ts";
import { projectName } from "./project.ts";
import { freezesSchema, windowsSchema } from "./windows.ts";

/** The environments a release passes, in promotion order. */
export const environments = ["staging", "prodlike", "production"] as const;
export type EnvironmentName = (typeof environments)[number];

export const isEnvironment = (name: string): name is EnvironmentName =>
  (environments as readonly string[]).includes(name);

const whole = (from: number, to: number) => {
  const expected = `a whole number from ${from} to ${to}`;
  return z.int(expected).min(from, expected).max(to, expected);
};

const subnetExpected = "an IPv4 network of 256 addresses, such as 10.213.1.0/24";
const subnet = z
  .string(subnetExpected)
  .regex(/^(25[0-5]|2[0-4]\d|1?\d?\d)\.(25[0-5]|2[0-4]\d|1?\d?\d)\.(25[0-5]|2[0-4]\d|1?\d?\d)\.0\/24$/, subnetExpected);

const pemExpected = "a certificate with its chain and its key, as PEM";
/** A certificate with its chain and its key. */
export const pem = z
  .string(pemExpected)
  .regex(/-----BEGIN CERTIFICATE-----/, pemExpected)
  .regex(/-----BEGIN [A-Z ]*PRIVATE KEY-----/, pemExpected)
  .transform((text) => `${text.trim()}\n`);

/** How long an edge that is replaced keeps the connections that it has, in seconds. */
export const linger = whole(1, 86_400);

const yesOrNo = z.enum(["true", "false"], "true or false").transform((text) => text === "true");

const schema = z
  .strictObject({
    cluster: clusterSchema,
    addresses: addressesSchema,
    joinTokens: whole(1, 1_000_000).default(1),
    engineVersion: z
      .string("a version such as 27.5.1")
      .regex(/^\d+\.\d+\.\d+$/, "a version such as 27.5.1")
      .optional(),
    nodes: whole(1, 50),
    managers: whole(1, 7),
    port: whole(1024, 65_000),
    tlsPort: whole(1024, 65_000),
    certificate: pem.optional(),
    linger,
    subnet,
    replicas: whole(1, 100),
    memory: whole(32, 65_536),
    monitor: whole(1, 600),
    drain: whole(0, 300),
    databasePassword: whole(1, 1_000_000),
    probe: whole(0, 10_000),
    p99: whole(1, 60_000),
    evidenceDays: whole(1, 36_500),
    approvers: whole(0, 20),
    approveOwn: yesOrNo,
    approvalHours: whole(1, 8_760),
    drift: z.enum(["repair", "stop"], "repair or stop").default("repair"),
    windows: windowsSchema.default([]),
    freezes: freezesSchema.default([]),
  })
  .refine((settings) => settings.managers <= settings.nodes, {
    path: ["managers"],
    message: "at most as many managers as there are nodes",
  })
  .refine((settings) => settings.managers % 2 === 1, {
    path: ["managers"],
    message: "an odd number of managers, since an even one survives no more failures than one fewer",
  });

/** What Pulumi.STACK.yaml says of an environment, checked. Pulumi.yaml describes each key. */
export type EnvironmentSettings = z.output<typeof schema>;

/** Where the edge of a node is published on this machine, in clear and by TLS. */
export interface EdgePorts {
  http: number;
  https: number;
}

/** Whether an environment's nodes are made on this machine, where they need ports and a network. */
export const isLocal = ({ cluster }: Pick<EnvironmentSettings, "cluster">): boolean => cluster.kind === "local";

/** The ports of this machine that the edges of an environment's embedded nodes are published on, node by node. */
export const edgePorts = ({
  port,
  tlsPort,
  nodes,
}: Pick<EnvironmentSettings, "port" | "tlsPort" | "nodes">): EdgePorts[] =>
  Array.from({ length: nodes }, (_, node) => ({ http: port + node, https: tlsPort + node }));

const registryExpected =
  "a registry by host, such as registry.example.org, registry.example.org:5000 or registry.example.org/team";

/** Docker Hub has repositories of two words only, and ours are of three. */
const registry = z
  .string(registryExpected)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/, registryExpected)
  .refine(
    (name) => !/^(index\.|registry-1\.)?docker\.io(\/|$)/.test(name),
    "a registry other than Docker Hub, which has no repositories below others",
  )
  .refine((name) => /[.:]|^localhost/.test(name.split("/")[0] ?? ""), registryExpected);

const originExpected = "what promote move-state has noted";

const deliverySchema = z.strictObject({
  registry: registry.optional(),
  registryPort: whole(1024, 65_535),
  origin: z.string(originExpected).min(1, originExpected).optional(),
  keepReleases: whole(1, 1_000_000),
  keepDays: whole(0, 36_500),
  dashboard: dashboardSchema.optional(),
});

/** What Pulumi.delivery.yaml says, checked. */
export type DeliverySettings = z.output<typeof deliverySchema>;

/** Where releases are: the registry of one's own, or the embedded one. */
export const registryOf = ({
  registry: own,
  registryPort,
}: Pick<DeliverySettings, "registry" | "registryPort">): string => own ?? `127.0.0.1:${registryPort}`;

/** A value as what it stands for: Pulumi hands numbers over as text, and lists and objects as JSON. */
function valueIn(text: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The project's own keys of a Pulumi configuration (`slipway:replicas` → `replicas`). */
function ownKeys(config: Record<string, string>): Record<string, unknown> {
  const prefix = `${projectName}:`;
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), valueIn(value)]));
}

function parse<Schema extends z.ZodType>(
  schemaOf: Schema,
  stack: string,
  config: Record<string, string>,
  keys: readonly string[],
): z.output<Schema> {
  const own = ownKeys(config);
  // Pulumi hands every key that Pulumi.yaml declares with a default to every stack of the project.
  const relevant = Object.fromEntries(Object.entries(own).filter(([key]) => !declaredElsewhere(key, keys)));
  const result = check(schemaOf, relevant, (path) => `${projectName}:${path}`);
  if ("problems" in result) throw new SettingsError(`Pulumi.${stack}.yaml`, result.problems);
  return result.value;
}

const environmentKeys = Object.keys(schema.shape);
const deliveryKeys = Object.keys(deliverySchema.shape);

const declaredElsewhere = (key: string, keys: readonly string[]): boolean =>
  !keys.includes(key) && (environmentKeys.includes(key) || deliveryKeys.includes(key));

/**
 * Reads an environment's settings from its stack's configuration.
 * @param config every configuration value of the stack as Pulumi hands it over, such as `{"slipway:replicas": "3"}`
 * @throws SettingsError naming each key, its value and what was expected
 */
export const environmentSettings = (stack: string, config: Record<string, string>): EnvironmentSettings =>
  parse(schema, stack, config, environmentKeys);

/**
 * Reads the settings of a stack of another kind.
 * @throws SettingsError naming each key, its value and what was expected
 */
export const ownSettings = <Schema extends z.ZodObject>(
  schemaOf: Schema,
  stack: string,
  config: Record<string, string>,
): z.output<Schema> => parse(schemaOf, stack, config, Object.keys(schemaOf.shape));

/**
 * Reads the delivery stack's settings.
 * @throws SettingsError naming each key, its value and what was expected
 */
export const deliverySettings = (stack: string, config: Record<string, string>): DeliverySettings =>
  parse(deliverySchema, stack, config, deliveryKeys);
