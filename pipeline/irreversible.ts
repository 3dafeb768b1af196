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
  const { delivery } = await describedRelease(to, signal);
  if (delivery.irreversible.length === 0) return [];
  // A commit that is not in the repository any more cannot say what it declared.
  const before = await describedRelease(from, signal).catch(() => undefined);
  return delivery.irreversible.filter((migration) => !before?.delivery.irreversible.includes(migration));
}
