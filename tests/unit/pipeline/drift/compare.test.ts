import type Docker from "dockerode";
import { beforeEach, expect, test } from "vitest";

import { compare, type Difference } from "../../../../pipeline/drift/compare.ts";
import { expectedOf } from "../../../../pipeline/drift/expected.ts";
import { sentence } from "../../../../pipeline/drift/words.ts";
import type { State } from "../../../../pipeline/stack-state.ts";
import { readHoldings } from "../../../../swarm/holdings.ts";
import recorded from "./recorded.json" with { type: "json" };

/**
 * What a stack's state and the engine's API said of the same services, made by the docker plugin on an engine 20.10: some as
 * infra/ makes them, one with all that the plugin knows (`all`), one with the least that it wants (`least`).
 */
let state: State;
// biome-ignore lint/suspicious/noExplicitAny: what people do to a recording has no type
let api: any;

beforeEach(() => {
  ({ state, api } = structuredClone(recorded) as unknown as { state: State; api: typeof api });
});

/** An engine that answers what was recorded. */
const engine = () =>
  ({
    listServices: async () => api.services,
    listConfigs: async () => api.configs,
    listSecrets: async () => api.secrets,
    listNetworks: async () => api.networks,
    listNodes: async () => api.nodes,
  }) as unknown as Docker;

const found = async (nodes: readonly string[] = ["n1"]): Promise<Difference[]> =>
  compare(
    "staging",
    expectedOf(state),
    await readHoldings(engine()),
    nodes.map((name) => ({ name })),
  );

const said = async (nodes?: readonly string[]): Promise<string[]> => (await found(nodes)).map(sentence);

/** A service to be changed, as Swarm then forgets how its last update went: it was a rollback where that was recorded. */
function service(name: string) {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const found = api.services.find((one: any) => one.Spec.Name === `staging_${name}`);
  delete found.UpdateStatus;
  return found;
}
const task = (name: string) => service(name).Spec.TaskTemplate;
const container = (name: string) => task(name).ContainerSpec;

test("what the plugin made is as Pulumi says, whatever was left to a default", async () => {
  expect(await found()).toEqual([]);
});

const digest = `sha256:${"b".repeat(64)}`;

const changes: [string, () => void, Difference["kind"], string][] = [
  [
    "scaled",
    () => {
      service("app").Spec.Mode.Replicated.Replicas = 5;
    },
    "scale",
    "service staging_app: replicas found 5, expected 2",
  ],
  [
    "scaled to none",
    () => {
      service("app").Spec.Mode.Replicated.Replicas = 0;
    },
    "scale",
    "service staging_app: replicas found 0, expected 2",
  ],
  [
    "another mode",
    () => {
      service("edge").Spec.Mode = { Replicated: { Replicas: 1 } };
    },
    "scale",
    "service staging_edge: replicas found 1, expected one on every node",
  ],
  [
    "another image",
    () => {
      container("app").Image = `nowhere/other@${digest}`;
    },
    "image",
    "service staging_app: image found nowhere/other@sha256:bbbbbbbbbbbb, expected 127.0.0.1:5000/demo/app@sha256:aaaaaaaaaaaa",
  ],
  [
    "another variable",
    () => container("app").Env.push("DEBUG=1"),
    "environment",
    "service staging_app: environment DEBUG found 1, expected none",
  ],
  [
    "another value",
    () => {
      container("app").Env = container("app").Env.map((one: string) =>
        one.replace("DRAIN_SECONDS=2", "DRAIN_SECONDS=9"),
      );
    },
    "environment",
    "service staging_app: environment DRAIN_SECONDS found 9, expected 2",
  ],
  [
    "an empty variable removed",
    () => {
      container("app").Env = container("app").Env.filter((one: string) => one !== "EMPTY=");
    },
    "environment",
    "service staging_app: environment EMPTY found none, expected an empty one",
  ],
  [
    "another config",
    () => {
      container("edge").Configs[0].ConfigName = "staging_other";
    },
    "config",
    "service staging_edge: config file /etc/haproxy/haproxy.cfg found staging_other, expected staging_edge-haproxy-0123456789ab",
  ],
  [
    "a secret taken away",
    () => {
      delete container("app").Secrets;
    },
    "secret",
    "service staging_app: secret file /run/secrets/p found none, expected staging_login-0123456789ab",
  ],
  [
    "another file mode",
    () => {
      container("app").Secrets[0].File.Mode = 0o400;
    },
    "secret",
    "service staging_app: secret file /run/secrets/p found staging_login-0123456789ab (mode 400, user 0, group 0), expected staging_login-0123456789ab",
  ],
  [
    "another mount",
    () => {
      container("app").Mounts = [{ Type: "volume", Source: "v", Target: "/v" }];
    },
    "mount",
    "service staging_app: mount /v found volume v, expected none",
  ],
  [
    "a mount that may be written",
    () => {
      delete container("all").Mounts[0].ReadOnly;
    },
    "mount",
    "service staging_all: mount /b found bind /tmp, BindOptions.Propagation rshared, expected bind /tmp, ReadOnly true, BindOptions.Propagation rshared",
  ],
  [
    "another port",
    () => service("published").Spec.EndpointSpec.Ports.push({ TargetPort: 81, PublishMode: "host" }),
    "port",
    "service staging_published: port 81/tcp found host, expected none",
  ],
  [
    "another label",
    () => {
      service("app").Spec.Labels.who = "me";
    },
    "label",
    "service staging_app: label who found me, expected none",
  ],
  [
    "another label of the tasks",
    () => {
      container("app").Labels.who = "me";
    },
    "label",
    "service staging_app: container label who found me, expected none",
  ],
  [
    "another constraint",
    () => task("app").Placement.Constraints.push("node.labels.x == y"),
    "placement",
    "service staging_app: constraint node.labels.x==y found demanded, expected none",
  ],
  [
    "another limit",
    () => {
      task("app").Resources.Limits.MemoryBytes = 64 * 1024 * 1024;
    },
    "resources",
    "service staging_app: memory limit found 64 MiB, expected 128 MiB",
  ],
  [
    "no limit",
    () => {
      task("app").Resources = {};
    },
    "resources",
    "service staging_app: memory limit found the default, expected 128 MiB",
  ],
  [
    "another health check",
    () => {
      container("published").Healthcheck.Interval = 9e9;
    },
    "healthcheck",
    "service staging_published: Healthcheck.Interval found 9 s, expected 5 s",
  ],
  [
    "another update policy",
    () => {
      service("app").Spec.UpdateConfig.Parallelism = 0;
    },
    "update policy",
    "service staging_app: UpdateConfig.Parallelism found 0, expected the default",
  ],
  [
    "another restart policy",
    () => {
      task("app").RestartPolicy.Delay = 7e9;
    },
    "restart policy",
    "service staging_app: RestartPolicy.Delay found 7 s, expected 1 s",
  ],
  [
    "another network",
    () => {
      task("app").Networks = [];
    },
    "network",
    "service staging_app: network staging_front found none, expected joined",
  ],
  [
    "other arguments",
    () => {
      container("app").Args = ["sh"];
    },
    "setting",
    'service staging_app: arguments found ["sh"], expected the default',
  ],
  [
    "what the plugin has no word for",
    () => {
      container("app").CapabilityAdd = ["CAP_NET_ADMIN"];
    },
    "setting",
    'service staging_app: CapabilityAdd found ["CAP_NET_ADMIN"], expected the default',
  ],
  [
    "a service removed",
    () => api.services.splice(api.services.indexOf(service("least")), 1),
    "missing",
    "service staging_least is not there",
  ],
  [
    "a service added",
    () => api.services.push({ ID: "x", Spec: { Name: "staging_debug", Labels: {} } }),
    "added",
    "service staging_debug is there, and Pulumi did not make it",
  ],
  [
    "a service made again",
    () => {
      service("least").ID = "other";
    },
    "made again",
    "service staging_least was removed, and another of its name was made, not by Pulumi",
  ],
  [
    "a network added to the namespace by its label alone",
    () => api.networks.push({ Id: "x", Name: "mine", Labels: { "com.docker.stack.namespace": "staging" } }),
    "added",
    "network mine is there, and Pulumi did not make it",
  ],
  ["a secret removed", () => api.secrets.pop(), "missing", "secret staging_login-0123456789ab is not there"],
  [
    "a secret's label",
    () => {
      api.secrets[0].Spec.Labels.who = "me";
    },
    "label",
    "secret staging_login-0123456789ab: label who found me, expected none",
  ],
  [
    "a config added",
    () => api.configs.push({ ID: "x", Spec: { Name: "staging_x", Labels: {} } }),
    "added",
    "config staging_x is there, and Pulumi did not make it",
  ],
  [
    "a drained node",
    () => {
      api.nodes[0].Spec.Availability = "drain";
    },
    "node",
    "node n1: availability found drain, expected active",
  ],
  [
    "a lost node",
    () => {
      api.nodes[0].Status.State = "down";
    },
    "node",
    "node n1: state found down, expected ready",
  ],
];

test.each(changes)("%s", async (_, change, kind, sentence) => {
  change();
  expect(await said()).toEqual([sentence]);
  expect((await found())[0]?.kind).toBe(kind);
});

test("what only looks different is none: defaults written out or left out, tasks replaced, platforms found out", async () => {
  container("app").Isolation = undefined;
  container("app").DNSConfig = {};
  container("least").Isolation = "default";
  task("least").RestartPolicy = { Condition: "any", Delay: 5e9, MaxAttempts: 0 };
  task("least").Resources = { Limits: {}, Reservations: {} };
  task("least").Placement = { Platforms: [{ Architecture: "amd64", OS: "linux" }] };
  task("least").ForceUpdate = 7;
  service("least").Spec.EndpointSpec = undefined;
  const pace = { Parallelism: 1, FailureAction: "pause", Monitor: 5e9, MaxFailureRatio: 0, Order: "stop-first" };
  service("least").Spec.UpdateConfig = pace;
  service("least").Spec.RollbackConfig = pace;
  task("app").Placement.Constraints = ["node.platform.os == linux"];
  expect(await said()).toEqual([]);
});

test("of a value that only Pulumi knows, nothing is told but that it is gone", async () => {
  container("app").Env = container("app").Env.map((one: string) => one.replace(/^TOKEN=.*/, "TOKEN=another"));
  expect(await said()).toEqual([]);
  container("app").Env = container("app").Env.filter((one: string) => !one.startsWith("TOKEN="));
  expect(await said()).toEqual(["service staging_app: environment TOKEN found none, expected [secret]"]);
});

test("leases, other namespaces and what a run that was cut off was at are none", async () => {
  api.configs.push({ ID: "x", Spec: { Name: "staging_lease_0123456789abcdef", Labels: {} } });
  api.services.push({ ID: "y", Spec: { Name: "shop_app", Labels: { "com.docker.stack.namespace": "shop" } } });
  service("app").Spec.Mode.Replicated.Replicas = 5;
  const app = state.resources?.find(({ urn }) => urn.endsWith("app-service"));
  state.pending_operations = [{ type: "updating", resource: app as never }];
  expect(await said()).toEqual([]);
});

test("nodes are told by their names; one that was replaced is there", async () => {
  const [node] = api.nodes;
  api.nodes.unshift({ ...node, ID: "old", Status: { State: "down" } });
  expect(await said()).toEqual([]);
  expect(await said(["n1", "n2"])).toEqual(["node n2 is not there"]);
  expect(await said(["n2"])).toEqual(["node n2 is not there", "node n1 is there, and Pulumi did not make it"]);
});

test("a node that is to take no tasks is as it is to be when it takes none", async () => {
  const of = async () =>
    compare("staging", expectedOf(state), await readHoldings(engine()), [{ name: "n1", availability: "drain" }]);
  expect((await of()).map(sentence)).toEqual(["node n1: availability found active, expected drain"]);
  api.nodes[0].Spec.Availability = "drain";
  expect(await of()).toEqual([]);
});

test("of nodes that are somebody else's only those are told that are lost", async () => {
  const [node] = api.nodes;
  expect(await said([])).toEqual([]);
  api.nodes.push({ ...node, ID: "n2", Description: { Hostname: "n2" }, Status: { State: "down" } });
  expect(await said([])).toEqual(["node n2: state found down, expected ready"]);
});

test("what Swarm has rolled back is said to be so", async () => {
  container("app").Env.push("X=1");
  service("app").UpdateStatus = { State: "rollback_completed" };
  expect(await said()).toEqual([
    "service staging_app: environment X found 1, expected none; Swarm rolled its last update back",
  ]);
});

test("what others wrote cannot move a cursor", async () => {
  service("app").Spec.Labels.who = "\x1b[2Jme\r\u202e";
  expect(await said()).toEqual(["service staging_app: label who found me\\x0d\\u202e, expected none"]);
});
