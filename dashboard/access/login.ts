import type { Context } from "hono";

import { hashOf, verify } from "./password.ts";
import { Throttle } from "./throttle.ts";
import { named, type User } from "./users.ts";

/** How a login ended. */
export type Login = { user: User } | { refused: string; seconds?: number };

const longest = 1_000;

/** Lets in who knows their password, and holds back who guesses. */
export class Door {
  readonly #users: () => Promise<User[]>;
  readonly #byAddress: Throttle;
  /** Higher, so that somebody who guesses at one address does not keep out the user at another one at once. */
  readonly #byName: Throttle;
  /** Compared with where there is no such user, so that it takes the same time. */
  readonly #nobody = hashOf("nobody");

  constructor(users: () => Promise<User[]>, now: () => number = Date.now) {
    this.#users = users;
    this.#byAddress = new Throttle(10, now);
    this.#byName = new Throttle(30, now);
  }

  async enter(name: string, password: string, address: string): Promise<Login> {
    const who = name.toLowerCase().slice(0, 64);
    const seconds = Math.max(this.#byAddress.wait(address), this.#byName.wait(who));
    if (seconds > 0) return { refused: "Too many failed attempts", seconds };
    // Counted before the password is looked at: many at once are many.
    this.#byAddress.failed(address);
    this.#byName.failed(who);
    const user = named(await this.#users(), name);
    const right = await verify(password.slice(0, longest), user?.password ?? (await this.#nobody));
    if (!user || !right) return { refused: "There is no such user, or the password is another one" };
    this.#byAddress.succeeded(address);
    this.#byName.succeeded(who);
    return { user };
  }
}

/** Where a request comes from; behind a proxy, what the nearest one says. */
export function addressOf(context: Context, proxied: boolean): string {
  const said = proxied ? context.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  const incoming = (context.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming;
  return said ?? incoming?.socket?.remoteAddress ?? "unknown";
}
