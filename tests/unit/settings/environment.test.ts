import { describe, expect, test } from "vitest";

import { deliverySettings, environmentSettings, registryOf } from "../../../settings/environment.ts";
import { SettingsError } from "../../../settings/errors.ts";

const clusterExpected =
  "local, a list of hosts, or a manager: ssh://user@host, tcp://host:2376, unix:///path/of/docker.sock or context:NAME";

const valid = {
  nodes: "3",
  managers: "3",
  port: "8080",
  tlsPort: "8443",
  linger: "300",
  subnet: "10.213.3.0/24",
  replicas: "3",
  memory: "128",
  monitor: "2",
  drain: "2",
  databasePassword: "1",
  probe: "50",
  p99: "1000",
  evidenceDays: "90",
  approvers: "0",
  approveOwn: "true",
  approvalHours: "72",
};

const config = (changes: Record<string, string | undefined> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...valid, ...changes }).flatMap(([key, value]) =>
      value === undefined ? [] : [[`slipway:${key}`, value]],
    ),
  );

const problemsOf = (changes: Record<string, string | undefined>) => {
  try {
    environmentSettings("production", config(changes));
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

test("valid settings come out as numbers, and what was left out as nothing", () => {
  expect(environmentSettings("production", config())).toEqual({
    cluster: { kind: "local" },
    addresses: [],
    joinTokens: 1,
    nodes: 3,
    managers: 3,
    port: 8080,
    tlsPort: 8443,
    linger: 300,
    subnet: "10.213.3.0/24",
    replicas: 3,
    memory: 128,
    monitor: 2,
    drain: 2,
    databasePassword: 1,
    probe: 50,
    p99: 1000,
    evidenceDays: 90,
    approvers: 0,
    approveOwn: true,
    approvalHours: 72,
    drift: "repair",
    windows: [],
    freezes: [],
  });
});

describe("every wrong shape names the key, the value and what was expected", () => {
  test.each([
    ["nodes", "0", "a whole number from 1 to 50"],
    ["nodes", "51", "a whole number from 1 to 50"],
    ["nodes", "2.5", "a whole number from 1 to 50"],
    ["nodes", "three", "a whole number from 1 to 50"],
    ["nodes", "", "a whole number from 1 to 50"],
    ["nodes", "-1", "a whole number from 1 to 50"],
    ["drift", "keep", "repair or stop"],
    ["engineVersion", "27.5", "a version such as 27.5.1"],
    ["joinTokens", "0", "a whole number from 1 to 1000000"],
    ["cluster", "10.0.0.5", clusterExpected],
    ["cluster", "ssh://deploy@host/var/run/docker.sock", clusterExpected],
    ["cluster", "tcp://host", clusterExpected],
    ["cluster", "http://host:2375", clusterExpected],
    ["cluster", "context:", clusterExpected],
    [
      "addresses",
      "https://shop.example.org",
      'a list of where the environment is reached, such as ["https://shop.example.org"]',
    ],
    ["managers", "2", "an odd number of managers, since an even one survives no more failures than one fewer"],
    ["managers", "5", "at most as many managers as there are nodes"],
    ["managers", "9", "a whole number from 1 to 7"],
    ["port", "80", "a whole number from 1024 to 65000"],
    ["port", "70000", "a whole number from 1024 to 65000"],
    ["subnet", "10.213.3.0/16", "an IPv4 network of 256 addresses, such as 10.213.1.0/24"],
    ["subnet", "10.213.3.1/24", "an IPv4 network of 256 addresses, such as 10.213.1.0/24"],
    ["subnet", "10.213.300.0/24", "an IPv4 network of 256 addresses, such as 10.213.1.0/24"],
    ["subnet", "7", "an IPv4 network of 256 addresses, such as 10.213.1.0/24"],
    ["replicas", "0", "a whole number from 1 to 100"],
    ["replicas", "true", "a whole number from 1 to 100"],
    ["memory", "16", "a whole number from 32 to 65536"],
    ["memory", "128Mi", "a whole number from 32 to 65536"],
    ["monitor", "0", "a whole number from 1 to 600"],
    ["drain", "301", "a whole number from 0 to 300"],
    ["approveOwn", "no", "true or false"],
    ["windows", "mon-fri", "a list of windows, each with days, from, to and timeZone"],
    ["freezes", "{}", "a list of freezes, each with from, to and reason"],
  ])("%s: %j", (key, value, expected) => {
    const found = /^(-?\d+(\.\d+)?|\{.*)$/.test(value) ? value : JSON.stringify(value);
    expect(problemsOf({ [key]: value })).toContainEqual({ at: `slipway:${key}`, found, expected });
  });

  test.each(Object.keys(valid))("%s missing", (key) => {
    expect(problemsOf({ [key]: undefined })).toMatchObject([{ at: `slipway:${key}`, found: "nothing" }]);
  });

  test("an address with a path", () => {
    expect(problemsOf({ addresses: '["https://shop.example.org/shop"]' })).toMatchObject([
      { at: "slipway:addresses.0", found: '"https://shop.example.org/shop"' },
    ]);
  });

  test("a window that is wrong", () => {
    const windows = '[{"days":"mon-fri","from":"8","to":"9:00"}]';
    const expected = "a time of day such as 08:30";
    expect(problemsOf({ windows })).toEqual([
      { at: "slipway:windows.0.from", found: '"8"', expected },
      { at: "slipway:windows.0.to", found: '"9:00"', expected },
    ]);
  });

  test("a key that is not known", () => {
    expect(problemsOf({ replica: "2" })).toMatchObject([
      { at: "slipway:replica", found: "a key that is not known; is it misspelt?" },
    ]);
  });
});

test.each([
  "ssh://deploy@manager.example.org:2222",
  "tcp://10.0.0.5:2376",
  "tcp://10.0.0.5:2376?certificates=~/.docker/production",
  "unix:///var/run/docker.sock",
  "context:production",
])("a cluster may be %s", (engine) => {
  const { cluster } = environmentSettings("production", config({ cluster: engine }));
  expect(cluster).toEqual({ kind: "manager", engine });
});

test("all problems are told at once, with the file", () => {
  const all = () => environmentSettings("staging", config({ nodes: "0", port: "x", replica: "1" }));
  expect(all).toThrow(/Pulumi\.staging\.yaml is not valid:\n.*slipway:nodes.*\n.*slipway:port.*\n.*slipway:replica:/);
});

test("keys of other programs and of other stacks are left alone", () => {
  const more = { ...config(), "docker:host": "unix:///x", "slipway:registryPort": "5000" };
  expect(environmentSettings("production", more)).not.toHaveProperty("registryPort");
});

test.each([
  ["Docker Hub", "docker.io/team", "a registry other than Docker Hub"],
  ["an address", "https://registry.example.org", "a registry by host"],
  ["a word", "registry", "a registry by host"],
  ["a repository by tag", "registry.example.org/team:latest", "a registry by host"],
])("%s is no registry", (_, registry, expected) => {
  const found = { "slipway:registryPort": "5000", "slipway:keepReleases": "50", "slipway:keepDays": "30" };
  expect(() => deliverySettings("delivery", { ...found, "slipway:registry": registry })).toThrow(expected);
  const own = deliverySettings("delivery", { ...found, "slipway:registry": "registry.example.org:5000/team" });
  expect(registryOf(own)).toBe("registry.example.org:5000/team");
  expect(registryOf(deliverySettings("delivery", found))).toBe("127.0.0.1:5000");
});

test.each(["80", "x", "70000"])("the registry's port cannot be %j", (registryPort) => {
  expect(() => deliverySettings("delivery", { "slipway:registryPort": registryPort })).toThrow(
    /Pulumi\.delivery\.yaml is not valid:\n {2}slipway:registryPort: found .*, expected a whole number from 1024 to 65535/,
  );
});

test.each([
  ["keepReleases", "0", "a whole number from 1 to 1000000"],
  ["keepReleases", "all", "a whole number from 1 to 1000000"],
  ["keepDays", "-1", "a whole number from 0 to 36500"],
])("%s cannot be %j", (key, value, expected) => {
  const found = { "slipway:registryPort": "5000", "slipway:keepReleases": "50", "slipway:keepDays": "30" };
  expect(deliverySettings("delivery", found)).toEqual({ registryPort: 5000, keepReleases: 50, keepDays: 30 });
  expect(() => deliverySettings("delivery", { ...found, [`slipway:${key}`]: value })).toThrow(expected);
});
