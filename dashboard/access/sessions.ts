import { randomBytes, timingSafeEqual } from "node:crypto";

import type { Account, User } from "./users.ts";

const hour = 3_600_000;

/** How long a login lasts, in milliseconds. */
export const lifetime = 12 * hour;

/** Somebody who is logged in. */
export interface Session {
  id: string;
  user: Account;
  /** What a form has to bring along, which no other site can know. */
  token: string;
}

interface Kept {
  /** Who was let in by somebody else's word, which holds for as long as the session; of users of our own, the list says. */
  account?: Account;
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

  /** Begins the session of somebody whom the list of users has. */
  begin(user: User): Session {
    return this.#keep(user, { stamp: stampOf(user) });
  }

  /** Begins the session of somebody whom a provider let in. */
  beginFor(account: Account): Session {
    return this.#keep(account, { stamp: "", account });
  }

  #keep(user: Account, more: Pick<Kept, "stamp" | "account">): Session {
    for (const [id, { until }] of this.#kept) if (until <= this.#now()) this.#kept.delete(id);
    const [id, token] = [random(), random()];
    this.#kept.set(id, { name: user.name, ...more, token, until: this.#now() + lifetime });
    return { id, user, token };
  }

  /** The session of an id, as long as its user is still there, unchanged. */
  find(id: string, users: readonly User[]): Session | undefined {
    const kept = this.#kept.get(id);
    if (kept?.account) return kept.until > this.#now() ? { id, user: kept.account, token: kept.token } : undefined;
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
