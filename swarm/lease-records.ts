import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { z } from "zod";

import { namespaceLabel } from "./services.ts";

/** Who holds a lease, or waits for it, as everybody can read it. */
export interface Holder {
  /** Who runs it, and where: `ann@host, process 123`. */
  owner: string;
  /** What for: `promote 0123456789ab`. */
  purpose: string;
  since: Date;
  /** The commit that is promoted, where it is a promotion. */
  commit?: string;
}

/** A Pulumi process that works for a holder, and dies with it: its lock of a stack is dead once the lease has expired. */
export interface Operation {
  /** The machine's own name. */
  host: string;
  pid: number;
  /** By the clock of its machine. */
  since: Date;
}

/** A config that says who holds a lease or waits for it, and when that was said last, by Raft's own count. */
export interface LeaseRecord {
  id: string;
  name: string;
  version: number;
  created: string;
  /** Absent in the record of a lease that nobody holds. */
  holder: Holder | undefined;
  /** In the lease's own record: what holders ran of which nobody has said that it ended. */
  operations: Operation[];
  /** In the record of one who waits: the newer commit for which it is to give way. */
  supersededBy: string | undefined;
}

/** All that is written about an environment's lease. */
export interface LeaseRecords {
  /** Absent where nobody has ever asked for it. */
  lease: LeaseRecord | undefined;
  /** Those who wait, in the order in which they came. */
  waiting: LeaseRecord[];
}

const label = (name: string): string => `slipway.lease.${name}`;

const nameOf = (environment: string): string => `${environment}_lease`;

/** Whether a config of this name is a record of an environment's lease, rather than something that it runs with. */
export const isLeaseRecord = (environment: string, name: string): boolean =>
  name === nameOf(environment) || name.startsWith(`${nameOf(environment)}_`);

type Said = Pick<LeaseRecord, "holder"> & Partial<Pick<LeaseRecord, "supersededBy" | "operations">>;

const labelsOf = (environment: string, { holder, supersededBy, operations = [] }: Said): Record<string, string> => ({
  [namespaceLabel]: environment,
  ...(operations.length > 0 ? { [label("operations")]: JSON.stringify(operations) } : {}),
  ...(holder
    ? {
        [label("owner")]: holder.owner,
        [label("purpose")]: holder.purpose,
        [label("since")]: holder.since.toISOString(),
        ...(holder.commit ? { [label("commit")]: holder.commit } : {}),
        ...(supersededBy ? { [label("superseded-by")]: supersededBy } : {}),
        // Each renewal is another content, or Swarm would not count it.
        [label("renewed")]: new Date().toISOString(),
      }
    : {}),
});

function holderIn(labels: Record<string, string> | undefined): Holder | undefined {
  const owner = labels?.[label("owner")];
  if (!owner) return undefined;
  const commit = labels[label("commit")];
  const since = new Date(labels[label("since")] ?? 0);
  return { owner, purpose: labels[label("purpose")] ?? "", since, ...(commit ? { commit } : {}) };
}

const operationsSchema = z.array(z.object({ host: z.string(), pid: z.int(), since: z.coerce.date() }));

function operationsIn(labels: Record<string, string> | undefined): Operation[] {
  try {
    return operationsSchema.parse(JSON.parse(labels?.[label("operations")] ?? "[]"));
  } catch {
    // What another version wrote, or a hand: nothing is known to be dead by it.
    return [];
  }
}

/** Somebody else wrote it first. */
const isOvertaken = (error: unknown): boolean => /out of sequence/.test(String((error as Error).message));

const hasStatus = (error: unknown, status: number): boolean => (error as { statusCode?: number }).statusCode === status;

/** The fields of Docker's description of a config that are read here. */
interface ApiConfig {
  ID: string;
  Version?: { Index?: number };
  CreatedAt?: string;
  Spec?: { Name?: string; Labels?: Record<string, string> };
}

const recordIn = ({ ID, Version, CreatedAt, Spec }: ApiConfig): LeaseRecord => ({
  id: ID,
  name: Spec?.Name ?? "",
  version: Version?.Index ?? 0,
  created: CreatedAt ?? "",
  holder: holderIn(Spec?.Labels),
  operations: operationsIn(Spec?.Labels),
  supersededBy: Spec?.Labels?.[label("superseded-by")],
});

/** Times of one clock, that of Swarm's leader, as text with as many digits as it has. */
const byAge = (one: LeaseRecord, other: LeaseRecord): number =>
  Date.parse(one.created) - Date.parse(other.created) || (one.created + one.id < other.created + other.id ? -1 : 1);

/** Reads who holds an environment's lease and who waits for it: one request. */
export async function readLease(engine: Docker, environment: string): Promise<LeaseRecords> {
  const name = nameOf(environment);
  // The engine takes a name for the beginning of one.
  const found = ((await engine.listConfigs({ filters: { name: [name] } })) as ApiConfig[]).map(recordIn);
  const waiting = found.filter((record) => record.name.startsWith(`${name}_`) && record.holder !== undefined);
  return { lease: found.find((record) => record.name === name), waiting: waiting.toSorted(byAge) };
}

/** Writes a record anew if nobody has since it was read; Raft decides between two who try. Whether it was written. */
export async function writeRecord(
  engine: Docker,
  environment: string,
  { id, name, version }: LeaseRecord,
  said: Said,
): Promise<boolean> {
  const spec = { Name: name, Labels: labelsOf(environment, said), Data: "" };
  try {
    await engine.getConfig(id).update({ _query: { version }, _body: spec });
    return true;
  } catch (error) {
    if (isOvertaken(error) || hasStatus(error, 404)) return false;
    throw error;
  }
}

const Data = Buffer.from("Who changes this environment: see the labels.").toString("base64");

/** Makes the record that a lease is kept in, free; another may be doing so, too. */
export async function makeLease(engine: Docker, environment: string): Promise<void> {
  const spec = { Name: nameOf(environment), Labels: labelsOf(environment, { holder: undefined }), Data };
  await engine.createConfig(spec).catch((error: unknown) => {
    if (!hasStatus(error, 409)) throw error;
  });
}

/** Writes that somebody waits. @returns the id of the record */
export async function joinQueue(engine: Docker, environment: string, holder: Holder): Promise<string> {
  const Name = `${nameOf(environment)}_${randomBytes(8).toString("hex")}`;
  const { id } = await engine.createConfig({ Name, Labels: labelsOf(environment, { holder }), Data });
  return id;
}

/** Removes the record of one who waits; one that is gone already is no error. */
export async function leaveQueue(engine: Docker, id: string): Promise<void> {
  await engine
    .getConfig(id)
    .remove()
    .catch((error: unknown) => {
      if (!hasStatus(error, 404)) throw error;
    });
}
