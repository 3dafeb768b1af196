import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { loaded, web } from "./written.ts";

const service = async (lines: string[], variables: Record<string, string> = {}) =>
  (await loaded({ "a.yaml": web(...lines) }, { variables })).stack.services.web;

const known: [what: string, line: string, expected: object][] = [
  ["a command's words", `command: run 'a b' "c \\" d" e\\ f # no more`, { command: ["run", "a b", 'c " d', "e f"] }],
  ["a list of words as it is", "command: ['run a']", { command: ["run a"] }],
  ["an environment as a list", "environment: [A=1, B, C=]", { environment: { A: "1", B: "of here", C: "" } }],
  ["an environment as a mapping", "environment: {A: 1, B: , D: }", { environment: { A: "1", B: "of here", D: null } }],
  ["an empty value, which takes that of here", "environment: {B: ''}", { environment: { B: "of here" } }],
  ["labels as a list", "labels: [a=1, b]", { labels: { a: "1", b: "" } }],
  [
    "a port range",
    "ports: ['8000-8001:80-81/udp']",
    {
      ports: [
        { target: 80, published: 8000, protocol: "udp", mode: "ingress" },
        { target: 81, published: 8001, protocol: "udp", mode: "ingress" },
      ],
    },
  ],
  [
    "a range for one port",
    "ports: ['8000-8001:80']",
    {
      ports: [
        { target: 80, published: 8000, protocol: "tcp", mode: "ingress" },
        { target: 80, published: 8001, protocol: "tcp", mode: "ingress" },
      ],
    },
  ],
  [
    "a port of Swarm's choice",
    "ports: [80]",
    { ports: [{ target: 80, published: 0, protocol: "tcp", mode: "ingress" }] },
  ],
  ["a long port as it is", "ports: [{target: 80, published: 81}]", { ports: [{ target: 80, published: 81 }] }],
  [
    "a named volume",
    "volumes: ['data:/data:ro,nocopy']",
    { volumes: [{ type: "volume", source: "data", target: "/data", read_only: true, volume: { nocopy: true } }] },
  ],
  ["an anonymous volume", "volumes: [/data]", { volumes: [{ type: "volume", target: "/data" }] }],
  ["a Windows path", "volumes: ['c:\\a:d:\\b']", { volumes: [{ type: "bind", source: "c:\\a", target: "d:\\b" }] }],
  ["a home folder", "volumes: ['~/a:/a']", { volumes: [{ type: "bind", source: "/home/ann/a", target: "/a" }] }],
  ["a file mode in octal", "configs: [{source: a, mode: 0440}]", { configs: [{ source: "a", mode: 0o440 }] }],
  ["hosts as a list", "extra_hosts: ['a:1.1.1.1', 'b=[::1]']", { extra_hosts: ["a:1.1.1.1", "b:::1"] }],
  ["hosts as a mapping", "extra_hosts: {b: 2.2.2.2, a: 1.1.1.1}", { extra_hosts: ["a:1.1.1.1", "b:2.2.2.2"] }],
  [
    "a health check as a text",
    "healthcheck: {test: exit 0, interval: 1m30s}",
    { healthcheck: { test: ["CMD-SHELL", "exit 0"], interval: 90e9 } },
  ],
  [
    "sizes",
    "deploy: {resources: {limits: {memory: 1.5g, cpus: '0.25'}}}",
    { deploy: { resources: { limits: { memory: 1536 * 1024 ** 2, cpus: 25e7 } } } },
  ],
  [
    "one limit",
    "ulimits: {nofile: 5, core: {soft: 1, hard: 2}}",
    { ulimits: { nofile: { soft: 5, hard: 5 }, core: { soft: 1, hard: 2 } } },
  ],
  ["networks as a list", "networks: [a]", { networks: { a: null } }],
  ["a time of day as a text", "command: [12:30:45]", { command: ["12:30:45"] }],
  ["extension fields as nothing", "x-mine: 1", {}],
  ["a default", `image: a:\${NONE:-1.0}-\${EMPTY:-x}-\${EMPTY-y}`, { image: "a:1.0-x-" }],
  ["a dollar sign", "image: a$$b", { image: "a$b" }],
  ["a required variable whose text has a dash", `image: a:\${TAG:?give-it}`, { image: "a:7" }],
  ["a number from a variable", `deploy: {replicas: '\${TAG}'}`, { deploy: { replicas: 7 } }],
  ["truth from a variable", `tty: '\${ON}'`, { tty: true }],
];

describe("a stack file", () => {
  test.each(known)("knows %s", async (_what, line, expected) => {
    const variables = { B: "of here", HOME: "/home/ann", EMPTY: "", TAG: "7", ON: "yes" };
    expect(await service([line], variables)).toEqual(expected);
  });

  test("has its paths start at its own folder", async () => {
    const { stack, folder } = await loaded({
      "a.yaml": `${web("volumes: [./site:/site]")}\nconfigs: {site: {file: ./a.conf}}`,
    });
    expect(stack.services.web?.volumes?.[0]?.source).toBe(join(folder, "site"));
    expect(stack.configs.site?.file).toBe(join(folder, "a.conf"));
  });

  test("reads env_file, over which the environment goes", async () => {
    const files = {
      "a.yaml": web("env_file: [a.env, b.env]", "environment: {C: own}"),
      "a.env": "# no\nA=1\nB=1\nQ='x'\nHERE\nNONE\nC=\r\n",
      "b.env": "B=2",
    };
    const { stack } = await loaded(files, { variables: { HERE: "h" } });
    expect(stack.services.web?.environment).toEqual({ A: "1", B: "2", Q: "'x'", HERE: "h", C: "own" });
  });

  test("may have anchors, and mappings merged into others", async () => {
    const text =
      "x-base: &base {image: a, user: b}\nx-more: &more {user: c, tty: true}\nservices:\n  web: {<<: [*more, *base], image: d}";
    const { stack } = await loaded({ "a.yaml": text });
    expect(stack.services.web).toEqual({ image: "d", user: "c", tty: true });
  });

  test("may have more than a hundred services of one anchor", async () => {
    const services = Array.from({ length: 300 }, (_, index) => `  s${index}: *base`).join("\n");
    const { stack } = await loaded({ "a.yaml": `x-base: &base {image: a}\nservices:\n${services}` });
    expect(Object.keys(stack.services)).toHaveLength(300);
  });

  test("keeps the older way of saying external", async () => {
    const { stack } = await loaded({ "a.yaml": "secrets: {a: {external: {name: b}}, c: {external: true}}" });
    expect(stack.secrets).toEqual({ a: { external: true, name: "b" }, c: { external: true, name: "c" } });
  });
});
