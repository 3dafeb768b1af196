import { rejectionIn, type Standing, standing } from "../evidence/approvals.ts";
import { heldBack } from "../settings/windows.ts";
import { SupersededError } from "../swarm/lease-queue.ts";
import { type Approvals, approvalsOf, barredHere, decide, hashOf, isOwn, override } from "./approval.ts";
import type { EnvironmentDiff } from "./diff.ts";
import { isNewer } from "./git.ts";
import { irreversible } from "./irreversible.ts";
import type { Entered } from "./leasing.ts";
import { plainLine } from "./plain-text.ts";
import { previewRelease } from "./preview.ts";
import { needed, type Promotion } from "./promotion.ts";
import { lookInto } from "./running.ts";

export interface ButtonOptions {
  /** Continuous deployment: no button, where the rules ask for no approval. */
  continuous: boolean;
  /** Also what cannot be gone back from. */
  irreversible: boolean;
  /** Why production is changed outside its windows, or in a freeze. */
  override?: string | undefined;
  /** That the glass is broken, which asks for no window. */
  breakGlass?: string | undefined;
  /** Shows somebody what would change in production and returns their answer; absent where nobody can be asked. */
  press?: ((diff: EnvironmentDiff, promotion: Promotion) => Promise<boolean>) | undefined;
}

/** Pressed: production is held for it. Else why not. */
export type Button = Entered | "ready" | "declined" | "rejected";

/**
 * Takes production for the change. A newer commit that came there while this one was on its way is not undone by it.
 * @throws SupersededError
 */
async function enterProduction(promotion: Promotion): Promise<Entered> {
  const entered = await promotion.leasing.enter("production");
  await lookInto("production", promotion);
  const now = promotion.before.production?.commit;
  const came = now !== undefined && now !== (await promotion.inProduction)?.commit;
  if (came && (await isNewer(now, promotion.commit))) throw new SupersededError(now);
  return entered;
}

const refusals = ({ void: refused }: Standing): string[] =>
  refused.map(({ decision: { signer, approver }, reason }) =>
    plainLine(`The approval of ${signer} (${approver}) does not count: ${reason}`, 400),
  );

/** What has to be true for production to be changed, whoever approves it; undefined when it is, else told. */
async function windowClosed(promotion: Promotion, options: ButtonOptions, { rules }: Approvals): Promise<boolean> {
  const held = options.breakGlass === undefined ? heldBack(rules, new Date()) : undefined;
  if (held === undefined) return false;
  if (options.override === undefined) {
    promotion.held = held;
    return true;
  }
  await override(needed(promotion, "release"), held, options.override, promotion.signal);
  promotion.overridden = options.override;
  return false;
}

/** Continuous deployment asks nobody, unless the rules do, or there is no way back. */
async function unasked(
  promotion: Promotion,
  { continuous, irreversible: said }: ButtonOptions,
  { rules }: Approvals,
): Promise<Entered | undefined> {
  const release = needed(promotion, "release");
  const free = continuous && rules.approvers === 0;
  const entered = free ? await enterProduction(promotion) : undefined;
  if (!entered) await lookInto("production", promotion);
  promotion.irreversible = await irreversible(promotion.before.production, release, promotion.signal);
  if (entered && (said || promotion.irreversible.length === 0)) return entered;
  await promotion.leasing.leave();
  return undefined;
}

/** What those who approved the release did approve, seen with production held, so that it stays what it is. */
async function approved(promotion: Promotion, { decisions, rules, involved }: Approvals): Promise<Entered | undefined> {
  const context = { rules, involved, now: new Date() };
  const anyChange = standing(decisions, context);
  const { progress } = promotion;
  if (anyChange.lacking > 0) {
    for (const text of refusals(anyChange)) progress({ type: "note", text });
    if (decisions.length > 0 || rules.approvers > 0) promotion.approvals = anyChange;
    return undefined;
  }
  const entered = await enterProduction(promotion);
  const diff = await previewRelease("production", { ...promotion, release: needed(promotion, "release") });
  const exact = standing(decisions, { ...context, hash: hashOf(diff) });
  promotion.approvals = exact;
  if (exact.lacking === 0) return entered;
  await promotion.leasing.leave();
  for (const text of refusals(exact)) progress({ type: "note", text });
  return undefined;
}

/** Asks whoever is there. @returns why it is not pressed, if it is not */
async function ask(
  promotion: Promotion,
  { press }: ButtonOptions,
  approvals: Approvals,
): Promise<"ready" | "declined" | undefined> {
  if (!press) return "ready";
  const release = needed(promotion, "release");
  const bar = await barredHere(approvals);
  if (bar) {
    promotion.progress({ type: "note", text: plainLine(`Not asked: ${bar}`, 400) });
    return "ready";
  }
  const diff = await previewRelease("production", { ...promotion, release });
  const counting = standing(approvals.decisions, { ...approvals, hash: hashOf(diff), now: new Date() });
  // What is lacking is the approval of others.
  if (await isOwn(counting.counting)) return "ready";
  if (!(await press(diff, promotion))) return "declined";
  promotion.shown = true;
  await decide(release, diff, { decision: "approved" }, promotion.signal);
  return undefined;
}

/**
 * The one decision that people take, here and now or with `promote approve`. An approval is of one change and no other: once
 * there are enough of them, production is held, and what would change there is looked at again.
 */
export async function button(promotion: Promotion, options: ButtonOptions): Promise<Button> {
  const { signal } = promotion;
  const release = needed(promotion, "release");
  // Nobody's environment waits while somebody thinks.
  await promotion.leasing.leave();
  for (;;) {
    const approvals = await approvalsOf(release, signal);
    promotion.rejection = rejectionIn(approvals.decisions);
    if (promotion.rejection) return "rejected";
    if (await windowClosed(promotion, options, approvals)) return "ready";
    const entered = (await unasked(promotion, options, approvals)) ?? (await approved(promotion, approvals));
    if (entered) return entered;
    const answer = await ask(promotion, options, approvals);
    if (answer) return answer;
  }
}
