import { BlockList, isIP } from "node:net";

import type { ApiNode } from "./api-types.ts";

const expression = /^\s*([a-z_][\w.-]*)\s*(==|!=)\s*(.*?)\s*$/i;

/** Docker's names of architectures, and those that nodes report. */
const architectures: Record<string, string> = { amd64: "x86_64", arm64: "aarch64" };
const architecture = (name = ""): string => architectures[name.toLowerCase()] ?? name;

const facts: Record<string, (node: ApiNode) => string | undefined> = {
  "node.id": ({ ID }) => ID,
  "node.hostname": ({ Description }) => Description?.Hostname,
  "node.role": ({ Spec }) => Spec?.Role,
  "node.platform.os": ({ Description }) => Description?.Platform?.OS,
  "node.platform.arch": ({ Description }) => architecture(Description?.Platform?.Architecture),
};

const labels: [prefix: string, of: (node: ApiNode) => Record<string, string> | undefined][] = [
  ["node.labels.", ({ Spec }) => Spec?.Labels],
  ["engine.labels.", ({ Description }) => Description?.Engine?.Labels],
];

/** What a node says of a key: a text, an empty one where it says nothing; undefined where Swarm knows no such key. */
function fact(node: ApiNode, key: string): string | undefined {
  const known = facts[key.toLowerCase()];
  if (known) return known(node) ?? "";
  const label = labels.find(([prefix]) => key.toLowerCase().startsWith(prefix));
  return label && (label[1](node)?.[key.slice(label[0].length)] ?? "");
}

/** Whether an address is one, or in the network, that a constraint names. */
function inNetwork(address: string, wanted: string): boolean {
  const [network = "", length] = wanted.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || isIP(address) === 0) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(length ?? (family === "ipv6" ? 128 : 32)), family);
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function isSo(node: ApiNode, key: string, wanted: string): boolean | undefined {
  if (key.toLowerCase() === "node.ip") return inNetwork(node.Status?.Addr ?? "", wanted);
  const found = fact(node, key);
  const expected = key.toLowerCase() === "node.platform.arch" ? architecture(wanted) : wanted;
  return found === undefined ? undefined : found.toLowerCase() === expected.toLowerCase();
}

/** Whether Swarm may run tasks on a node by the placement constraints of their service. */
export const mayRunOn = (node: ApiNode, constraints: readonly string[] = []): boolean =>
  constraints.every((constraint) => {
    const [, key = "", operator, wanted = ""] = expression.exec(constraint) ?? [];
    const so = isSo(node, key, wanted);
    return so !== undefined && so === (operator === "==");
  });
