import { randomBytes, timingSafeEqual } from "node:crypto";

import type { User } from "./users.ts";

const hour = 3_600_000;

/** How long a login lasts, in milliseconds. */
export const lifetime = 12 * hour;

/** Somebody who is logged in. */
export interface Session {
  id: string;
  user: User;
  /** What a form has to bring along, which no other site can know. */
  token: string;
}

interface Kept {
  name: string;
  /** With another password, or in another role, somebody has to log in again. */
  stamp: string;
  token: string;
  until: number;
}

const random = (): string => randomBytes(32).toString("base64url");

const stampOf = ({ password, role }: User): string => `${role} ${password}`;

/** Who is logged in. It is kept in memory alone: after a restart everybody logs in again. */
export class Sessions {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  begin(user: User): Session {
    for (const [id, { until }] of this.#kept) if (until <= this.#now()) this.#kept.delete(id);
    const [id, token] = [random(), random()];
    this.#kept.set(id, { name: user.name, stamp: stampOf(user), token, until: this.#now() + lifetime });
    return { id, user, token };
  }

  /** The session of an id, as long as its user is still there, unchanged. */
  find(id: string, users: readonly User[]): Session | undefined {
    const kept = this.#kept.get(id);
    const user = users.find(({ name }) => name === kept?.name);
    if (!kept || !user || kept.until <= this.#now() || kept.stamp !== stampOf(user)) return undefined;
    return { id, user, token: kept.token };
  }

  end(id: string): void {
    this.#kept.delete(id);
  }
}

/** Whether a form brought the session's token. */
export function isToken({ token }: Session, given: unknown): boolean {
  const [expected, found] = [Buffer.from(token), Buffer.from(typeof given === "string" ? given : "")];
  return expected.length === found.length && timingSafeEqual(expected, found);
}
