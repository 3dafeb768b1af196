import type Docker from "dockerode";

import type { ApiNode } from "./api-types.ts";
import { connect } from "./engine.ts";
import { type Trouble, troubleOf } from "./unreachable.ts";

/** The oldest engine's API that is spoken here: that of Docker 20.10. */
const oldestApi = 1.41;

/** How far a manager's clock may be from this machine's, in milliseconds: leases and rollouts are timed by both. */
const skewAllowed = 30_000;

const patience = 20_000;

/** What is read of an engine to know whether an environment can be there. */
export interface Examined {
  version: string;
  api: string;
  /** How far its clock is ahead of ours, in milliseconds. */
  skew: number;
  swarm: { state: string; manager: boolean };
  /** The nodes of its Swarm; none where it is no manager. */
  nodes: ApiNode[];
}

interface Info {
  SystemTime?: string;
  Swarm?: { LocalNodeState?: string; ControlAvailable?: boolean };
}

async function read(engine: Docker): Promise<Examined> {
  const { Version, ApiVersion } = await engine.version();
  const before = Date.now();
  const { SystemTime, Swarm } = (await engine.info()) as Info;
  const now = (before + Date.now()) / 2;
  const manager = Swarm?.ControlAvailable ?? false;
  return {
    version: Version,
    api: ApiVersion,
    skew: SystemTime === undefined ? 0 : Date.parse(SystemTime) - now,
    swarm: { state: Swarm?.LocalNodeState ?? "inactive", manager },
    nodes: manager ? ((await engine.listNodes()) as unknown as ApiNode[]) : [],
  };
}

/** Why an engine, though it answers, cannot be a manager that an environment is given to. */
export function objection({ version, api, skew, swarm }: Examined): Trouble | undefined {
  if (Number(api) < oldestApi) {
    return { why: `Docker ${version} is too old: 20.10 or newer is needed`, next: "Upgrade the engine there." };
  }
  if (swarm.state === "inactive") return { why: "it is in no Swarm", next: "On it: docker swarm init" };
  if (swarm.state === "locked") return { why: "its Swarm is locked", next: "On it: docker swarm unlock" };
  if (!swarm.manager) {
    return { why: "it is no manager of its Swarm", next: "Name a manager: docker node ls on one lists them" };
  }
  if (Math.abs(skew) > skewAllowed) {
    const seconds = Math.round(Math.abs(skew) / 1_000);
    const which = skew > 0 ? "ahead of" : "behind";
    return { why: `its clock is ${seconds} s ${which} this machine's`, next: "Have both follow NTP: timedatectl" };
  }
  return undefined;
}

const withinTime = <Result>(promise: Promise<Result>): Promise<Result> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${patience / 1_000} s`)), patience);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
};

/**
 * Looks at an engine that an environment is to be given to, and changes nothing.
 * @returns what it is, or why it cannot be used
 */
export async function examine(address: string): Promise<Examined | Trouble> {
  try {
    const found = await withinTime(read(connect(address)));
    return objection(found) ?? found;
  } catch (error) {
    return troubleOf(address, error);
  }
}
