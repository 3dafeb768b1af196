import { addAbortSignal, type Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import { connect } from "./engine.ts";

/** What says that tasks, services, nodes or a lease may be other than before. Health checks that pass are told by nobody. */
const filters = {
  type: ["container", "service", "node", "config"],
  event: ["create", "start", "die", "oom", "health_status", "update", "remove", "destroy"],
} satisfies Docker.GetEventsOptions["filters"];

const types: readonly string[] = filters.type;

/** How long an engine that does not answer is left alone, in milliseconds. */
const pause = 2_000;

/** What an engine's event is about: services and nodes change what an environment is, containers and configs how it is. */
export type EngineEvent = "container" | "service" | "node" | "config";

const typeIn = (line: string): EngineEvent[] => {
  try {
    const { Type: type } = JSON.parse(line) as { Type: EngineEvent };
    return types.includes(type) ? [type] : [];
  } catch {
    return [];
  }
};

/**
 * Tells of an engine's events until the signal is aborted, through every time that it goes away and comes back.
 * @param onEvent also told, as of a node, whenever it can be followed again: what happened before is not known
 */
export async function followEngine(
  address: string,
  onEvent: (type: EngineEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = addAbortSignal(signal, (await connect(address).getEvents({ filters })) as Readable);
      onEvent("node");
      let rest = "";
      for await (const chunk of events) {
        const lines = (rest + String(chunk)).split("\n");
        rest = lines.pop() ?? "";
        for (const type of lines.flatMap(typeIn)) onEvent(type);
      }
    } catch {
      // It is asked again, and what it runs is told by the others of its Swarm meanwhile.
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}
