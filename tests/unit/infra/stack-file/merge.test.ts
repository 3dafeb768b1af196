import { describe, expect, test } from "vitest";

import { loaded, web } from "./written.ts";

const merged = async (one: string, other: string) =>
  (await loaded({ "a.yaml": web(one), "b.yaml": web(other) })).stack.services.web;

const cases: [what: string, one: string, other: string, expected: object][] = [
  ["sets a command anew", "command: [a, b]", "command: c", { command: ["c"] }],
  ["adds to a list", "dns: [1.1.1.1]", "dns: [2.2.2.2]", { dns: ["1.1.1.1", "2.2.2.2"] }],
  [
    "adds to a health check's test, too",
    "healthcheck: {test: [CMD, a]}",
    "healthcheck: {test: [CMD, b]}",
    { healthcheck: { test: ["CMD", "a", "CMD", "b"] } },
  ],
  [
    "changes an environment",
    "environment: {A: 1, B: 2}",
    "environment: {A: 3, C: 4}",
    { environment: { A: "3", B: "2", C: "4" } },
  ],
  ["cannot empty a variable", "environment: {A: 1}", "environment: {A: ''}", { environment: { A: "1" } }],
  ["can empty a label", "labels: {a: 1}", "labels: {a: ''}", { labels: { a: "" } }],
  [
    "cannot say false, 0 or nothing",
    "{tty: true, init: true, hostname: a, stop_grace_period: 3s}",
    "{tty: false, init: false, hostname: '', stop_grace_period: 0s}",
    { tty: true, init: true, hostname: "a", stop_grace_period: 3e9 },
  ],
  ["can say no replicas", "deploy: {replicas: 3}", "deploy: {replicas: 0}", { deploy: { replicas: 0 } }],
  [
    "has the say of a target",
    "volumes: ['aa:/x', 'bb:/y']",
    "volumes: ['cc:/x']",
    {
      volumes: [
        { type: "volume", source: "cc", target: "/x" },
        { type: "volume", source: "bb", target: "/y" },
      ],
    },
  ],
  [
    "has the say of a published port",
    "ports: ['81:1', '80:2']",
    "ports: ['81:3']",
    {
      ports: [
        { target: 2, published: 80, protocol: "tcp", mode: "ingress" },
        { target: 3, published: 81, protocol: "tcp", mode: "ingress" },
      ],
    },
  ],
  [
    "sorts mounts that it does not speak of",
    "volumes: ['aa:/y', 'bb:/x']",
    "user: a",
    {
      user: "a",
      volumes: [
        { type: "volume", source: "bb", target: "/x" },
        { type: "volume", source: "aa", target: "/y" },
      ],
    },
  ],
  [
    "has the say of a config",
    "configs: [a, b]",
    "configs: [{source: a, target: /a}]",
    { configs: [{ source: "a", target: "/a" }, { source: "b" }] },
  ],
  [
    "sets aliases anew and keeps options",
    "networks: {a: {aliases: [x], driver_opts: {o: 1}}, b: {aliases: [y]}}",
    "networks: {a: {}, c: }",
    { networks: { a: { driver_opts: { o: "1" } }, b: { aliases: ["y"] }, c: null } },
  ],
  [
    "changes options of the same log driver",
    "logging: {driver: a, options: {x: 1}}",
    "logging: {options: {y: 2}}",
    { logging: { driver: "a", options: { x: "1", y: "2" } } },
  ],
  [
    "takes another log driver alone",
    "logging: {driver: a, options: {x: 1}}",
    "logging: {driver: b}",
    { logging: { driver: "b" } },
  ],
  [
    "sets a limit anew",
    "ulimits: {nofile: 1, core: 2}",
    "ulimits: {core: 3}",
    { ulimits: { nofile: { soft: 1, hard: 1 }, core: { soft: 3, hard: 3 } } },
  ],
];

/** As `docker stack config` of Docker 28.2 shows them. */
describe("a later file", () => {
  test.each(cases)("%s", async (_what, one, other, expected) => {
    const [first, second] = [one, other].map((text) => (text.startsWith("{") ? `<<: ${text}` : text));
    expect(await merged(first ?? "", second ?? "")).toEqual(expected);
  });

  test("says a network, volume, config or secret anew as a whole", async () => {
    const { stack } = await loaded({
      "a.yaml": "volumes: {v: {driver: a, labels: {x: 1}}}",
      "b.yaml": "volumes: {v: {labels: {y: 2}}}",
    });
    expect(stack.volumes.v).toEqual({ labels: { y: "2" } });
  });
});

test("a program's overrides are one more file, whose values are as they are", async () => {
  const overrides = { services: { web: { deploy: { replicas: 3 }, environment: { PRICE: "$5" } } } };
  const { stack } = await loaded({ "a.yaml": web("deploy: {replicas: 1}") }, { overrides });
  expect(stack.services.web).toEqual({ deploy: { replicas: 3 }, environment: { PRICE: "$5" } });
});
