import { isIP } from "node:net";

import type { Port } from "./model.ts";

const range = /^(\d+)(?:-(\d+))?$/;

/** The first and the last port of `80` or `80-82`. */
function ends(text: string): [number, number] | undefined {
  const match = range.exec(text);
  if (!match) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  return first <= last && last <= 65_535 ? [first, last] : undefined;
}

const from = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** The published ports of one target: none of its own choice is 0, for Swarm to choose. */
function publishedOf(host: string, index: number, targets: number): number[] | undefined {
  if (host === "") return [0];
  const published = ends(host);
  if (!published) return undefined;
  const [first, last] = published;
  if (targets === 1) return from(first, last);
  return last - first + 1 === targets ? [first + index] : undefined;
}

/** A port in the short form, taken apart. */
interface Short {
  address: string;
  host: string;
  target: string;
  protocol: string;
}

function split(text: string): Short {
  const sections = text.split(":");
  const [target = "", protocol] = (sections.pop() ?? "").split("/");
  const host = sections.pop() ?? "";
  return { address: sections.join(":"), host, target, protocol: (protocol || "tcp").toLowerCase() };
}

const isAddress = (text: string): boolean => text === "" || isIP(text.replace(/^\[(.*)\]$/, "$1")) !== 0;

/**
 * Reads ports in the short form: `80`, `8080:80`, `8080-8081:80-81/udp`, `127.0.0.1:8080:80`.
 * @returns the ports, and the address that Swarm will not keep to; undefined when it is none
 */
export function shortPorts(text: string): { ports: Port[]; address: string } | undefined {
  const { address, host, target, protocol } = split(text);
  const targets = ends(target);
  if (!targets || !isAddress(address) || !["tcp", "udp", "sctp"].includes(protocol)) return undefined;
  const all = from(...targets);
  const published = all.map((_, index) => publishedOf(host, index, all.length));
  if (!published.every((list) => list !== undefined)) return undefined;
  const ports = all.flatMap((one, index) =>
    (published[index] ?? []).map((port) => ({ target: one, published: port, protocol, mode: "ingress" })),
  );
  // As docker orders them: by the target port as a text.
  ports.sort((one, other) => (String(one.target) < String(other.target) ? -1 : Number(one.target !== other.target)));
  return { ports, address: ["", "0.0.0.0", "::", "[::]"].includes(address) ? "" : address };
}
