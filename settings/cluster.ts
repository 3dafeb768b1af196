import { z } from "zod";

import { type Host, hostsSchema } from "./hosts.ts";

/**
 * Where an environment's Swarm is: nodes that are made on this machine, a manager that is there already, or hosts that are made
 * one.
 */
export type ClusterSettings =
  | { kind: "local" }
  | { kind: "manager"; engine: string }
  | { kind: "hosts"; hosts: Host[] };

const addressExpected =
  "local, a list of hosts, or a manager: ssh://user@host, tcp://host:2376, unix:///path/of/docker.sock or context:NAME";

const address =
  /^(?:unix:\/\/\/[^\s?#]+|ssh:\/\/[^\s/?#]+|tcp:\/\/[^\s/?#]+:\d+(?:\?certificates=[^\s&#]+)?|context:[\w.+-]+)$/;

const managerExpected = "a manager: ssh://user@host, tcp://host:2376, unix:///path/of/docker.sock or context:NAME";

/** The address of a manager that is there already. */
export const managerSchema = z.string(managerExpected).regex(address, managerExpected);

const named = z
  .string(addressExpected)
  .refine((text) => text === "local" || address.test(text), addressExpected)
  .transform((text): ClusterSettings => (text === "local" ? { kind: "local" } : { kind: "manager", engine: text }));

const listed = hostsSchema.transform((hosts): ClusterSettings => ({ kind: "hosts", hosts }));

/** What `cluster` in a stack's file may be. Each form is checked by itself, so that what is wrong is told of that one. */
export const clusterSchema = z
  .unknown()
  .transform((value, context): ClusterSettings => {
    const { data, error } = (Array.isArray(value) ? listed : named).safeParse(value);
    if (data) return data;
    for (const { path, message, ...rest } of error?.issues ?? [])
      context.addIssue({ ...rest, path, message, input: value } as never);
    return z.NEVER;
  })
  .default({ kind: "local" });

const listExpected = 'a list of where the environment is reached, such as ["https://shop.example.org"]';

/** What `addresses` may be: where the edge is reached, without a path. */
export const addressesSchema = z
  .array(
    z.string(listExpected).regex(/^https?:\/\/[^\s/?#]+$/, "http:// or https:// with a host, and no path"),
    listExpected,
  )
  .default([]);
