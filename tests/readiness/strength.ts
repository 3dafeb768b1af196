import { expect, vi } from "vitest";

import { isStopping, type ServiceState } from "../../swarm/services.ts";
import { applications, services } from "./application.ts";

/** How long it may take at most until everything is whole again, in milliseconds. */
export const regained = 60_000;

const strengthOf = ({ name, replicas }: ServiceState): string => `${name} ${replicas.running}`;
const wanted = ({ name, replicas }: ServiceState): string => `${name} ${replicas.desired}`;

/** Waits until each of these has all its tasks, healthy and of its present specification. */
async function strong(read: () => Promise<ServiceState[]>, timeout: number): Promise<ServiceState[]> {
  const check = async () => {
    const lasting = (await read()).filter(({ scale }) => scale !== "once");
    expect(lasting).not.toEqual([]);
    expect(lasting.map(strengthOf)).toEqual(lasting.map(wanted));
    return lasting;
  };
  return vi.waitFor(check, { timeout, interval: 200 });
}

/** Waits until every application has its full number of healthy tasks. */
export const fullStrength = (): Promise<ServiceState[]> => strong(applications, regained);

/** Waits until everything in the environment has, the edge on every node included. */
export const wholeAgain = (): Promise<ServiceState[]> => strong(services, regained);

/** Waits until no task is on its way out any more. */
export const gone = (): Promise<void> =>
  vi.waitFor(async () => expect((await services()).flatMap(({ tasks }) => tasks.filter(isStopping))).toEqual([]), {
    timeout: regained,
    interval: 200,
  });
