import { randomUUID } from "node:crypto";

import { facts } from "../support/facts.ts";

/** Sends a request through one of the environment's edges. */
export function send(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${facts.addresses[0]}/demo${path}`, { method, headers, signal: AbortSignal.timeout(10_000) });
}

/** Stores a person. */
export const put = (name: string): Promise<Response> => send("PUT", `/person?name=${encodeURIComponent(name)}`);

/** Every person's name. */
export async function people(): Promise<string[]> {
  return (await (await send("GET", "/person")).json()) as string[];
}

/** A name that no other run uses, so that what is found was stored by this one. */
export const unique = (name: string): string => `${name} ${randomUUID()}`;
