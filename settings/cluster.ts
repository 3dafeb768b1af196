import { z } from "zod";

/** Where an environment's Swarm is: nodes that are made on this machine, or a manager that is there already. */
export type ClusterSettings = { kind: "local" } | { kind: "manager"; engine: string };

const addressExpected =
  "local, or a manager: ssh://user@host, tcp://host:2376, unix:///path/of/docker.sock or context:NAME";

const address =
  /^(?:unix:\/\/\/[^\s?#]+|ssh:\/\/[^\s/?#]+|tcp:\/\/[^\s/?#]+:\d+(?:\?certificates=[^\s&#]+)?|context:[\w.+-]+)$/;

/** What `cluster` in a stack's file may be. */
export const clusterSchema = z
  .string(addressExpected)
  .refine((text) => text === "local" || address.test(text), addressExpected)
  .transform((text): ClusterSettings => (text === "local" ? { kind: "local" } : { kind: "manager", engine: text }))
  .default({ kind: "local" });

const listExpected = 'a list of where the environment is reached, such as ["https://shop.example.org"]';

/** What `addresses` may be: where the edge is reached, without a path. */
export const addressesSchema = z
  .array(
    z.string(listExpected).regex(/^https?:\/\/[^\s/?#]+$/, "http:// or https:// with a host, and no path"),
    listExpected,
  )
  .default([]);
