import type Docker from "dockerode";

import { type LogLine, writtenBetween } from "../swarm/logs.ts";
import type { ServiceState } from "../swarm/services.ts";
import type { LogFile } from "./log-file.ts";
import { plainLine, timeOfDay } from "./plain-text.ts";

/** How long before a failure, in milliseconds, what the edge noted may be the reason for it. */
const leadsUp = 5_000;
const longest = 300;

const isEdge = ({ name }: ServiceState): boolean => name.endsWith("_edge");

function noticeLine({ at, task, text }: LogLine, { tasks }: ServiceState): string {
  const node = tasks.find(({ id }) => id === task)?.node ?? "a node that is not known any more";
  return `${timeOfDay(at)} on ${node}: ${plainLine(text, longest)}`;
}

/**
 * Adds to a log what the edge itself noted while requests failed: which tasks it left out and why, without which "no server is available"
 * says little.
 */
export async function noteEdge(
  engine: Docker,
  services: readonly ServiceState[],
  failing: { from: number; to: number },
  log: LogFile,
): Promise<void> {
  const [from, to] = [new Date(failing.from - leadsUp), new Date(failing.to)];
  for (const service of services.filter(isEdge)) {
    const lines = await writtenBetween(engine, service.name, from, to);
    if (lines.length > 0) log.note(`\n${service.name} noted meanwhile:`);
    for (const line of lines) log.note(noticeLine(line, service));
  }
}
