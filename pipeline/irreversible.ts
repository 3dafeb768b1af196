import { join } from "node:path";

import { type Delivery, readDelivery } from "../settings/delivery.ts";
import type { Release } from "../settings/release.ts";
import { checkOut } from "./checkout.ts";
import { describedAt } from "./description.ts";

/** A release's checkout and what it says of its delivery. */
export async function describedRelease(
  { commit }: Pick<Release, "commit">,
  signal: AbortSignal,
): Promise<{ checkout: string; delivery: Delivery }> {
  const checkout = await checkOut(commit, { signal });
  return { checkout, delivery: await readDelivery(join(checkout, await describedAt(checkout)), checkout) };
}

const declared = new Map<string, Promise<string[]>>();

/** What a commit declares never changes, and to ask it costs a look at its whole checkout. */
function declaredBy({ commit }: Pick<Release, "commit">, signal: AbortSignal): Promise<string[]> {
  const known =
    declared.get(commit) ?? describedRelease({ commit }, signal).then(({ delivery }) => delivery.irreversible);
  declared.set(commit, known);
  return known;
}

/**
 * The migrations that come with `to`, were not in `from`, and cannot be gone back from, as the commit of `to` declares them.
 * None where one of the two is not there: nothing is gone back to then.
 */
export async function irreversible(
  from: Pick<Release, "commit"> | undefined,
  to: Pick<Release, "commit"> | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  if (!from || !to || from.commit === to.commit) return [];
  const now = await declaredBy(to, signal);
  if (now.length === 0) return [];
  // A commit that is not in the repository any more cannot say what it declared.
  const before = await declaredBy(from, signal).catch((): string[] => []);
  return now.filter((migration) => !before.includes(migration));
}
